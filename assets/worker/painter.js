// The worker's own end of the layer; the server puts it behind the files of assets/cells that it needs (layers/worker.py).
(function () {
  const painter = new globalThis.jingwei.Painter(
    function (message, transferred) { self.postMessage(message, transferred); },
    function (width, height) { return new OffscreenCanvas(width, height); },
    function (canvas) { return canvas.transferToImageBitmap(); },
  );
  self.onmessage = function (event) { painter.take(event.data); };
})();
