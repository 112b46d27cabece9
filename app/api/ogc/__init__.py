"""OGC API - Features at /ogc: what QGIS, ArcGIS, GDAL and every library of maps open by its address alone."""

from app.api.ogc.doors import router as router
