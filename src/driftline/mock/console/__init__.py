"""The console: a page in the browser that shows what the mock is asked, and controls it."""

from driftline.mock.console.events import Events
from driftline.mock.console.pages import Pages, likes_html
from driftline.mock.console.specs import describe_apis

__all__ = ["Events", "Pages", "describe_apis", "likes_html"]
