"""A shop in Django REST framework: products of brands, in SQLite, with tokens for a password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import django
from django.conf import settings

WSGI = True
TOKEN = "shop-token"

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": "file:shop?mode=memory&cache=shared",
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django_filters",
            "rest_framework",
            "rest_framework.authtoken",
            "drf_spectacular",
        ],
        LOGGING_CONFIG=None,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # for speed
        ROOT_URLCONF=__name__,
        SECRET_KEY="not-a-secret",
        TIME_ZONE="UTC",
        USE_TZ=True,
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
            "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
            "DEFAULT_FILTER_BACKENDS": [
                "django_filters.rest_framework.DjangoFilterBackend",
                "rest_framework.filters.SearchFilter",
            ],
        },
        SPECTACULAR_SETTINGS={
            "TITLE": "Shop",
            "VERSION": "1.0.0",
            "COMPONENT_SPLIT_REQUEST": True,
        },
    )
    django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 - after the settings
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import Http404, HttpResponse, StreamingHttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django_filters import rest_framework as filters  # noqa: E402
from drf_spectacular.extensions import OpenApiAuthenticationExtension  # noqa: E402
from drf_spectacular.generators import SchemaGenerator  # noqa: E402
from drf_spectacular.types import OpenApiTypes  # noqa: E402
from drf_spectacular.utils import extend_schema  # noqa: E402
from rest_framework import mixins, routers, serializers, viewsets  # noqa: E402
from rest_framework.authentication import TokenAuthentication  # noqa: E402
from rest_framework.authtoken.serializers import AuthTokenSerializer  # noqa: E402
from rest_framework.decorators import (  # noqa: E402
    action,
    api_view,
    parser_classes,
    permission_classes,
)
from rest_framework.pagination import PageNumberPagination  # noqa: E402
from rest_framework.parsers import FormParser, MultiPartParser  # noqa: E402
from rest_framework.renderers import JSONRenderer  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402

from .bugs import Shape  # noqa: E402


class Brand(models.Model):
    name = models.CharField(max_length=80)

    class Meta:
        app_label = "shop"


class Product(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"

    name = models.CharField(max_length=100)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    note = models.TextField(null=True, blank=True, max_length=500)
    created = models.DateTimeField(auto_now_add=True)
    manual = models.BinaryField(null=True, editable=False)

    class Meta:
        app_label = "shop"


class BrandSerializer(serializers.ModelSerializer[Brand]):
    class Meta:
        model = Brand
        fields: ClassVar[list[str]] = ["id", "name"]


class ProductSerializer(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields: ClassVar[list[str]] = [
            "id",
            "name",
            "brand",
            "status",
            "price",
            "stock",
            "note",
            "created",
        ]


class ManualSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class StockSerializer(serializers.Serializer[Any]):
    stock = serializers.IntegerField()


class LogInSerializer(AuthTokenSerializer):
    grant_type = serializers.ChoiceField(["password"])


class AccessSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    token_type = serializers.CharField()


class BearerAuthentication(TokenAuthentication):
    keyword = "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        flows = {"password": {"tokenUrl": "/token/", "scopes": {}}}
        return {"type": "oauth2", "flows": flows}


class EventRenderer(JSONRenderer):
    """A renderer that lets clients accept events; errors are JSON."""

    media_type = "text/event-stream"


class ProductFilter(filters.FilterSet):
    ordering = filters.OrderingFilter(fields=("id", "price", "created"))

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = ["status", "brand"]


class Pages(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int:
        size = request.query_params.get("page_size", str(self.page_size))
        if not size.lstrip("-").isdecimal():
            raise serializers.ValidationError({"page_size": "A valid integer is required."})
        return min(max(int(size), 1), self.max_page_size)


class BrandViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Brand]
):
    authentication_classes = (BearerAuthentication,)
    queryset = Brand.objects.order_by("id")
    serializer_class = BrandSerializer


class ProductViewSet(viewsets.ModelViewSet[Product]):
    authentication_classes = (BearerAuthentication,)
    queryset = Product.objects.order_by("id")
    serializer_class = ProductSerializer
    pagination_class = Pages
    filterset_class = ProductFilter
    search_fields: ClassVar[list[str]] = ["name"]

    @extend_schema(request=ManualSerializer, responses={204: None})
    @action(detail=True, methods=["put"], parser_classes=[MultiPartParser])
    def upload(self, request: Request, pk: str) -> Response:
        product = self.get_object()
        form = ManualSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        product.manual = form.validated_data["file"].read()
        product.save()
        return Response(status=204)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def manual(self, request: Request, pk: str) -> HttpResponse:
        product = self.get_object()
        if product.manual is None:
            raise Http404
        return HttpResponse(bytes(product.manual), content_type="application/octet-stream")

    @extend_schema(responses={(200, "text/event-stream"): StockSerializer})
    @action(detail=True, renderer_classes=[EventRenderer])
    def watch(self, request: Request, pk: str) -> StreamingHttpResponse:
        product = self.get_object()
        events = (f'data: {{"stock": {product.stock}}}\n\n' for _ in range(3))
        return StreamingHttpResponse(events, content_type="text/event-stream")


@extend_schema(request=LogInSerializer, responses=AccessSerializer)
@api_view(["POST"])
@parser_classes([FormParser])
@permission_classes([])
def log_in(request: Request) -> Response:
    form = LogInSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    token = form.validated_data["user"].auth_token.key
    return Response({"access_token": token, "token_type": "bearer"})


def use(client: Any) -> tuple[bytes, list[Any]]:
    """Upload and download a file and read a stream; return the file and the data of the events."""
    product = next(iter(client.products.list())).id
    client.products.update_upload(product, file=b"smoke")
    events = client.products.retrieve_watch(product)
    return client.products.retrieve_manual(product).read(), [event.data.stock for event in events]


router = routers.DefaultRouter()
router.register("brands", BrandViewSet)
router.register("products", ProductViewSet)
urlpatterns = [path("", include(router.urls)), path("token/", log_in)]


def build() -> WSGIHandler:
    """Return the application with its tables in the initial state."""
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token

    names = connection.introspection.table_names()
    if "shop_product" not in names:
        call_command("migrate", verbosity=0)
        with connection.schema_editor() as editor:
            editor.create_model(Brand)
            editor.create_model(Product)
        user = User.objects.create_user("clerk", password="pass word")
        Token.objects.create(user=user, key=TOKEN)
    with connection.cursor() as cursor:
        for table in ("shop_product", "shop_brand", "sqlite_sequence"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are above
    Brand.objects.bulk_create(Brand(name=name) for name in ("Acme", "Globex", "Initech"))
    brands = list(Brand.objects.order_by("id"))
    products = Product.objects.bulk_create(_make_product(number, brands) for number in range(1, 48))
    for number, product in enumerate(products, 1):
        created_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number * 11 % 47)
        Product.objects.filter(pk=product.pk).update(created=created_at)
    return WSGIHandler()


def _make_product(number: int, brands: list[Brand]) -> Product:
    return Product(
        name=f"Anvil {number * 7 % 48}",
        brand=brands[number % 3],
        status=Product.Status.values[number % 3],
        price=Decimal(number * 1317 % 10000) / 100,
        stock=number * 5 % 7,
        note=None if number % 4 else "heavy",
    )


def get_document() -> dict[str, Any]:
    """Return the document that drf-spectacular generates."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


SHAPE = Shape(
    path="/products/",
    rows="results",
    total="count",
    label="name",
    choice="status",
    filter="status",
    sort={"ordering": ""},
    order={"ordering": "-"},
    page="page",
    size="page_size",
    created="created",
    default={"status": "draft", "stock": 0, "note": None},
    credential=("Authorization", f"Bearer {TOKEN}"),
    search="search",
)
VARIABLES = {"SVC_OAUTH2_USERNAME": "clerk", "SVC_OAUTH2_PASSWORD": "pass word"}
