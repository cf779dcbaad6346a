"""What the web server runs. Granian imports `application`; `COMITY_NODE` names the node's folder."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
application = get_wsgi_application()
