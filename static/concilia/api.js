/* The API's reference, drawn by Swagger UI from the document that this house serves. */
(function () {
  "use strict";
  var place = document.getElementById("reference");
  if (!place || !window.SwaggerUIBundle) { return; }
  window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    persistAuthorization: false,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    requestInterceptor: function (request) {
      // The session's cookie is no key: calls are made with the key alone.
      request.credentials = "omit";
      return request;
    }
  });
}());
