"""KoboToolbox: pull the submissions of a form from its server, and the files that hang on them."""

from app.imports.kobo.forms import Form as Form
from app.imports.kobo.pulling import Pull as Pull
from app.imports.kobo.pulling import Pulled as Pulled
from app.imports.kobo.pulling import pull as pull
from app.imports.kobo.pulling import take_one as take_one
from app.imports.kobo.server import Server as Server
