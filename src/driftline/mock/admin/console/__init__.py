"""The console: a page in the browser that shows the mock's requests and controls it."""

from driftline.mock.admin.console.events import Events as Events
from driftline.mock.admin.console.pages import Pages as Pages, accepts_html as accepts_html
from driftline.mock.admin.console.specs import describe_apis as describe_apis
