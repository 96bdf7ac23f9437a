"""Any version of OpenAPI, slips and all, in the shape of OpenAPI 3.1."""
