"""What lies on the map: one module a layer, geometry and values on the wire."""
