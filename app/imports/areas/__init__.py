"""Areas from the files of others: p-codes and boundaries, as a layer over the areas we ship."""

from app.imports.areas.running import Layer as Layer
from app.imports.areas.running import run as run
