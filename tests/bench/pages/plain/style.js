// The style function of dash-leaflet's GeoJSON layer in the bench.
const COLOURS = ["#16283B", "#1F4B73", "#2C77B0", "#5AA9DE", "#B7E0FA"];
window.benchFunctions = {
  style: function (feature, context) {
    return { stroke: false, fillOpacity: 1, fillColor: COLOURS[(feature.properties.i * 7 + context.hideout.tick) % 5] };
  },
};
