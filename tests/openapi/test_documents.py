"""Documents of several files, with unusual paths and references, are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Spec, load

HEAD = 'openapi: 3.1.0\ninfo: {title: Shop, version: "1"}\n'
OK = 'responses: {"200": {description: ok}}'


def load_document(folder: Path, source: str, **files: str) -> Spec:
    """Return the spec of a document with other files, whose names are keywords with `__` for a
    slash.
    """
    for name, content in files.items():
        stem, _, suffix = name.rpartition("_")
        path = folder / f"{stem.replace('__', '/')}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    path = folder / "shop.yaml"
    path.write_text(source if source.startswith(("openapi", "swagger")) else HEAD + source, "utf-8")
    return load(path)


def list_problem_ids(spec: Spec) -> list[str]:
    return [problem.id for problem in spec.problems]


def test_several_files_are_one_document(tmp_path: Path) -> None:
    """Paths, operations, parameters and schemas in several files keep their own files and lines."""
    spec = load_document(
        tmp_path,
        "paths:\n  /pets: {$ref: paths/pets.yaml}\n"
        "  /cats:\n    get: {$ref: 'paths/all%20cats.yaml#/get'}\n",
        paths__pets_yaml=(
            "get:\n  operationId: listPets\n  parameters:\n    - $ref: ../parts.yaml#/Limit\n"
            "  responses:\n    '200':\n      description: ok\n      content:\n"
            "        application/json: {schema: {$ref: ../schemas/Pet.json}}\n"
        ),
        **{"paths__all cats_yaml": f"get:\n  operationId: listCats\n  {OK}\n"},
        parts_yaml=(
            "Limit:\n  name: limit\n  in: query\n  schema: {$ref: '#/Number'}\n"
            "Number: {type: integer}\n"
        ),
        schemas__Pet_json='{"type": "object",\n "properties": {"friend": {"$ref": "Pet.json"},\n'
        ' "owner": {"$ref": "../shop.yaml#/components/schemas/Owner"}}}',
    )
    assert list_problem_ids(spec) == ["ref.dangling"]  # the owner, which nobody describes
    assert [operation.id for operation in spec.operations] == ["listPets", "listCats"]
    limit = spec.operations[0].find_parameter("limit")
    assert limit is not None
    assert spec.resolve(limit.schema_pointer)[1] == {"type": "integer"}
    pet = spec.get_node("/components/schemas/Pet")
    assert pet["properties"]["friend"] == {"$ref": "#/components/schemas/Pet"}
    location = spec.locate("/components/schemas/Pet/properties/friend")
    assert (location.file, location.line) == (tmp_path / "schemas" / "Pet.json", 2)
    location = spec.locate("/paths/~1pets/get/responses")
    assert (location.file, location.line) == (tmp_path / "paths" / "pets.yaml", 5)


def test_a_component_that_only_refers_to_a_file_keeps_its_name(tmp_path: Path) -> None:
    """A component that refers to a file keeps its name, and other references to the file lead to
    it.
    """
    spec = load_document(
        tmp_path,
        "components:\n  schemas:\n    Pet: {$ref: pet.yaml}\n    Beast: {$ref: pet.yaml}\n"
        "    Nobody: {$ref: nobody.yaml}\n"
        "paths:\n  /pets:\n    get:\n      operationId: listPets\n      responses:\n"
        "        '200':\n          description: ok\n          content:\n"
        "            application/json: {schema: {$ref: pet.yaml}}\n",
        pet_yaml="type: object\nproperties:\n  friend: {$ref: '#'}\n",
    )
    assert list_problem_ids(spec) == ["ref.file-unreadable"]
    pet = {"$ref": "#/components/schemas/Pet"}
    schemas = spec.get_node("/components/schemas")
    resolved_pet = {"type": "object", "properties": {"friend": pet}}
    assert schemas == {"Pet": resolved_pet, "Beast": pet, "Nobody": {}}
    location = spec.locate("/components/schemas/Pet/properties")
    assert (location.file, location.line) == (tmp_path / "pet.yaml", 2)


@pytest.mark.parametrize(
    "reference",
    [
        "../secret.yaml",
        "/etc/passwd",
        "https://example.com/a.yaml",
        "a/../../secret.yaml",
        "%2e%2e/secret.yaml",
        "%2Fetc/passwd",
        "link.yaml",
    ],
)
def test_no_file_outside_of_the_folder_is_read(tmp_path: Path, reference: str) -> None:
    """Files outside of the folder are not read by any path, URL or link; the operation stays."""
    folder = tmp_path / "specs"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("type: string\n")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    components = f"components: {{schemas: {{A: {{$ref: '{reference}'}}}}}}\n"
    content = f"{components}paths:\n  /a: {{get: {{{OK}}}}}\n"
    spec = load_document(folder, content)
    assert list_problem_ids(spec)[0] in {"ref.external", "ref.file-unreadable"}
    assert spec.get_node("/components/schemas/A") == {}
    assert len(spec.operations) == 1


def test_files_that_include_each_other_are_cut(tmp_path: Path) -> None:
    """A circle of files that include each other is cut with a problem."""
    files = {"a_yaml": "x: {$ref: b.yaml}\n", "b_yaml": "y: {$ref: a.yaml}\n"}
    spec = load_document(tmp_path, "paths:\n  /a: {$ref: a.yaml}\n", **files)
    assert "ref.circular" in list_problem_ids(spec)


REFERENCES = """\
paths:
  /pets/{id}:
    get:
      operationId: read
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties: {name: {type: string}}
  /b:
    get:
      operationId: second
      responses:
        "200": {$ref: "#/paths/~1pets~1%7Bid%7D/get/responses/200"}
  /c:
    get:
      operationId: third
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                $ref: "#/paths/~1pets~1{id}/get/responses/200/content/\\
                  application~1json/schema/properties/name"
        "404":
          description: missing
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet%20shop"}}}
        default:
          description: other
          content: {application/json: {schema: {$ref: Chain}}}
components:
  schemas:
    Pet shop: {type: object}
    Chain: {$ref: "#/components/schemas/Pet shop"}
    Self: {allOf: [{$ref: "#/components/schemas/Self"}, {type: object}]}
    Animal:
      oneOf: [{$ref: "#/components/schemas/Pet shop"}]
      discriminator: {propertyName: kind, mapping: {shop: "Pet shop", none: Nobody}}
"""


def test_a_base_has_the_discriminator_values_of_its_subtypes(tmp_path: Path) -> None:
    """The mapping of a base has the tags that its heirs set with an `x-*-discriminator-value`."""
    heir = "allOf: [{$ref: '#/components/schemas/%s'}], x-%s-discriminator-value: %s"
    spec = load_document(
        tmp_path,
        "components:\n  schemas:\n"
        "    Action:\n      discriminator: {propertyName: kind, mapping: {old: Call}}\n"
        f"    Mail: {{{heir % ('Action', 'any', 'Some.Mail')}}}\n"
        f"    Express: {{{heir % ('Mail', 'any', 'Some.Express')}}}\n"
        f"    Call: {{{heir % ('Action', 'any', 'Some.Call')}}}\n"
        f"paths:\n  /a: {{get: {{{OK}}}}}\n",
    )
    assert spec.get_node("/components/schemas/Action/discriminator/mapping") == {
        "old": "#/components/schemas/Call",
        "Some.Mail": "#/components/schemas/Mail",
        "Some.Express": "#/components/schemas/Express",
    }


def test_every_reference_names_a_component(tmp_path: Path) -> None:
    """Every reference leads to a component, whatever form it had in the document."""
    spec = load_document(tmp_path, REFERENCES)
    assert sorted(list_problem_ids(spec)) == [
        "component.name-illegal",
        "ref.circular",
        "ref.dangling",
    ]

    def collect_references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own_references = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return [
                *own_references,
                *(reference for value in node.values() for reference in collect_references(value)),
            ]
        return (
            [reference for value in node for reference in collect_references(value)]
            if isinstance(node, list)
            else []
        )

    for reference in collect_references(spec.document):
        assert reference.startswith("#/components/")
        assert reference.count("/") == 3
        assert spec.get_node(reference[1:]), reference
    third = spec.find_operation("third")
    assert third is not None
    schemas = [spec.resolve(response.content[0].schema_pointer)[1] for response in third.responses]
    assert schemas == [{"type": "string"}, {"type": "object"}, {"type": "object"}]
    mapping = spec.get_node("/components/schemas/Animal/discriminator/mapping")
    assert mapping == {"shop": "#/components/schemas/Pet_shop"}
    lines = (tmp_path / "shop.yaml").read_text().splitlines()
    assert "Pet shop: {type" in lines[spec.locate("/components/schemas/Pet_shop/type").line - 1]


PATHS = """\
paths:
  /{bucket}#acl:
    get:
      parameters: [{name: acl, in: query, required: true, schema: {type: boolean}}]
  /{bucket}: {get: {}}
  /?Action=List: {get: {}, post: null}
  no-slash: {GET: {responses: {2xx: {description: ok}, 4XX: null, ok: {}}}}
  https://example.com/whole: {put: []}
  x-note: {get: {}}
"""


def test_odd_paths_keep_their_operations(tmp_path: Path) -> None:
    """A query or fragment in a path key is not part of the path but distinguishes operations."""
    spec = load_document(tmp_path, PATHS)
    assert [(operation.method, operation.path) for operation in spec.operations] == [
        ("GET", "/{bucket}"),
        ("GET", "/{bucket}"),
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/no-slash"),
        ("PUT", "/whole"),
    ]
    assert len({operation.id for operation in spec.operations}) == 6
    action = spec.operations[2].find_parameter("Action")
    assert action is not None
    assert (action.required, action.schema["enum"]) == (True, ["List"])
    assert [response.status for response in spec.operations[4].responses] == ["2XX", "4XX"]
    assert all(operation.responses for operation in spec.operations)
    assert spec.operations[0].path_key == "/{bucket}#acl"
    assert spec.operations[1].find_parameter("bucket", "path") is not None


def test_a_document_of_webhooks_has_no_operation(tmp_path: Path) -> None:
    """A document with only webhooks has no operations and keeps the schemas that webhooks use."""
    content = (
        "webhooks:\n  sold:\n    post:\n      requestBody:\n        content:\n"
        "          application/json: {schema: {$ref: '#/components/schemas/Sale'}}\n"
        "components: {schemas: {Sale: {type: object}}}\n"
    )
    spec = load_document(tmp_path, content)
    assert spec.operations == ()
    assert spec.get_node("/components/schemas/Sale") == {"type": "object"}


def test_servers_have_variables_and_operations_servers(tmp_path: Path) -> None:
    """Variables in server URLs have their defaults, and operations inherit variables of the
    document.
    """
    content = (
        "servers:\n  - url: https://{region}.example.com/{base}/{stage}\n"
        "    variables:\n"
        "      region: {default: eu, enum: [eu, us]}\n      base: {default: 2, enum: [1]}\n"
        "      stage: {default: /prod}\n"
        f"paths:\n  /a:\n    servers: [{{url: https://a.example}}]\n    get: {{{OK}}}\n"
        f"    put:\n      servers: https://{{region}}.b.example/{{other}}\n      {OK}\n"
    )
    spec = load_document(tmp_path, content)
    (server,) = spec.servers
    assert server.url == "https://eu.example.com/2/prod"
    assert server.template == "https://{region}.example.com/{base}/{stage}"
    assert server.variables["region"].enum == ("eu", "us")
    assert server.variables["base"].enum == ("1", "2")
    urls = {operation.method: [s.url for s in operation.servers] for operation in spec.operations}
    assert urls == {"GET": ["https://a.example"], "PUT": ["https://eu.b.example/{other}"]}
    invalid_server_messages = [
        problem.message for problem in spec.problems if problem.id == "server.invalid"
    ]
    assert [message.partition(",")[0] for message in invalid_server_messages] == [
        "the URL has {region}",
        "the URL has {other}",
    ]


def test_every_security_scheme_has_a_unique_argument(tmp_path: Path) -> None:
    """Every supported security scheme has a unique argument name."""
    content = """\
components:
  securitySchemes:
    api_key: {type: apiKey, in: header, name: X-Key}
    apiKey: {type: apiKey, in: query, name: key}
    digest: {type: http, scheme: Digest}
    token: {type: Bearer}
    cert: {type: mutualTLS}
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://a.example, scopes: {}}}}
    connect: {type: openIdConnect, openIdConnectUrl: https://a.example}
    odd: {type: magic}
security: [{api_key: [], odd: []}, {odd: []}, {cert: [], login: [a]}, {cert: []}]
paths: {/a: {get: {}}}
"""
    spec = load_document(tmp_path, content)
    schemes = spec.security_schemes
    assert {name: (scheme.argument, scheme.kind) for name, scheme in schemes.items()} == {
        "api_key": ("api_key", "header"),
        "apiKey": ("api_key_2", "query"),
        "digest": ("digest", "http"),
        "token": ("token", "bearer"),
        "cert": ("cert_credential", "mutualTLS"),
        "login": ("login", "bearer"),
        "connect": ("connect", "bearer"),
    }
    assert (schemes["digest"].scheme, schemes["login"].type) == ("digest", "oauth2")
    operation = spec.operations[0]
    assert operation.security == (("api_key",), ("login",), ())
    assert operation.scopes == ({"api_key": ()}, {"login": ("a",)}, {})
    assert "security.scheme-invalid" in list_problem_ids(spec)
    assert "security.scheme-unknown" in list_problem_ids(spec)


def test_unquoted_versions_are_strings(tmp_path: Path) -> None:
    """Unquoted versions are strings as they are written, and missing metadata is reported."""
    content = (
        "openapi: 3.0\ninfo:\n  version: 1.10\n  license: {url: https://a.example}\npaths: {}\n"
    )
    spec = load_document(tmp_path, content)
    assert (spec.title, spec.version) == ("shop", "1.10")
    assert sorted(list_problem_ids(spec)) == [
        "info.license-unnamed",
        "info.title-missing",
        "info.version-not-string",
    ]


def test_a_parameter_with_content_has_the_schema_of_its_type(tmp_path: Path) -> None:
    """A parameter with `content` has the schema and examples of its media type."""
    content = (
        "paths:\n  /a:\n    get:\n      parameters:\n        - name: near\n          in: query\n"
        "          content: {application/json: {schema: {type: object}, example: {x: 1}}}\n"
        f"      {OK}\n"
    )
    (parameter,) = load_document(tmp_path, content).operations[0].parameters
    assert parameter.content is not None
    assert parameter.content.kind == "json"
    assert parameter.schema == {"type": "object"}
    assert parameter.examples == ({"x": 1},)


def test_a_problem_has_the_line_of_the_file(tmp_path: Path) -> None:
    """A problem has the line in the file, even if earlier items of the list were removed."""
    content = (
        "paths:\n  /a/{id}:\n    get:\n      operationId: a\n      parameters:\n"
        "        - {in: query}\n"
        "        - {name: x, in: query, schema: {type: text}}\n"
        "        - {name: x, in: query, schema: {}}\n"
        "        - {name: gone, in: path, required: true, schema: {}}\n"
        "        - {name: y, in: query, schema: {pattern: '('}}\n"
        f"      {OK}\n"
    )
    spec = load_document(tmp_path, content)
    assert {problem.id: problem.location.line for problem in spec.problems} == {
        "parameter.invalid": 8,
        "schema.type-unknown": 9,
        "parameter.duplicate": 10,
        "path.parameter-unused": 11,
        "schema.pattern-invalid": 12,
        "path.parameter-undescribed": 5,
    }
    (operation,) = spec.operations
    lines = {
        parameter.name: spec.locate(parameter.pointer).line for parameter in operation.parameters
    }
    assert lines == {"x": 9, "y": 12, "id": 5}


@pytest.mark.parametrize(
    ("reference", "values", "problems"),
    [
        ("pets.json", {"example": [{"id": 1}]}, []),
        ("'pets.json#/0'", {"example": {"id": 1}}, []),
        ("'#/components/examples/Pet'", {"example": {"id": 2}}, []),
        ("'#/components/examples/Pet/value'", {"example": {"id": 2}}, []),
        ("absent.json", {}, ["ref.file-unreadable"]),
        ("'#/components/examples/Absent'", {}, ["ref.dangling"]),
        ("'#/paths'", {}, ["ref.dangling"]),
        ("'#/components/examples/Itself'", {}, ["ref.dangling", "ref.dangling"]),
    ],
)
@pytest.mark.parametrize(
    "form", ["example: {$ref: %s}", "examples: {example: {value: {$ref: %s}}}"]
)
def test_an_example_may_be_a_reference(
    tmp_path: Path, form: str, reference: str, values: dict[str, Any], problems: list[str]
) -> None:
    """An example may refer to a file or to an example of the document; other references are
    ignored.
    """
    example = form % reference
    itself = "    Itself: {value: {$ref: '#/components/examples/Itself'}}\n"
    spec = load_document(
        tmp_path,
        "paths:\n  /pets:\n    get:\n      operationId: pets.list\n      responses:\n"
        "        '200':\n          description: ok\n          content:\n"
        f"            application/json: {{{example}, schema: {{}}}}\n"
        "components:\n  examples:\n    Pet: {value: {id: 2}}\n" + itself * ("Itself" in reference),
        pets_json='[{"id": 1}]',
    )
    media = spec.operations[0].responses[0].content[0]
    assert media.examples == values
    assert list_problem_ids(spec) == problems


@pytest.mark.parametrize("name", ["application/json|application/xml", "application/json, text/csv"])
def test_a_key_with_several_media_types_is_split(tmp_path: Path, name: str) -> None:
    """A key with several media types is split into each of them, except within quotes."""
    content = f"'{name}': {{schema: {{$ref: '#/components/schemas/Pet'}}}}"
    spec = load_document(
        tmp_path,
        "paths:\n  /pets:\n    get:\n      operationId: pets.list\n      responses:\n"
        f"        '200': {{description: ok, content: {{{content}, 'text/x; a=\"1,2\"': {{}}}}}}\n"
        "components: {schemas: {Pet: {type: object}}}\n",
    )
    first, second, third = spec.operations[0].responses[0].content
    assert [first.name, second.name] == [part.strip() for part in name.replace("|", ",").split(",")]
    assert third.name == 'text/x; a="1,2"'
    pointers = [spec.resolve(media.schema_pointer)[0] for media in (first, second)]
    assert pointers == ["/components/schemas/Pet"] * 2
    assert list_problem_ids(spec) == ["content.media-type-invalid"]
