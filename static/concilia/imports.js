// Files dropped on the form: the same as choosing them. What was chosen is said by name; without this the field says it itself.
(function () {
  "use strict";
  var zone = document.querySelector("[data-drop]");
  var field = zone && zone.querySelector("input[type=file]");
  var list = document.getElementById("chosen-files");
  if (!field || !list) return;

  function tell() {
    list.textContent = "";
    Array.prototype.forEach.call(field.files, function (file) {
      var row = document.createElement("li");
      row.textContent = file.name + " · " + Math.max(1, Math.round(file.size / 1024)) + " kB";
      list.appendChild(row);
    });
  }

  ["dragenter", "dragover"].forEach(function (name) {
    zone.addEventListener(name, function (event) { event.preventDefault(); zone.classList.add("is-over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    zone.addEventListener(name, function (event) { event.preventDefault(); zone.classList.remove("is-over"); });
  });
  zone.addEventListener("drop", function (event) {
    if (!event.dataTransfer || !event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    tell();
  });
  field.addEventListener("change", tell);
})();
