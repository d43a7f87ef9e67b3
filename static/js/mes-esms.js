// What only « Mes ESMS » does beside saving as one types (saisie.js).
(function () {
  "use strict";

  // « Ouvert à toutes » and a list exclude one another.
  document.addEventListener("change", function (event) {
    var one = event.target;
    if (one.name !== "solutions" || !one.checked || !one.form) { return; }
    var cleared = false;
    one.form.querySelectorAll("input[name=solutions]").forEach(function (other) {
      if ((other.value === "any") !== (one.value === "any") && other.checked) { other.checked = false; cleared = true; }
    });
    if (cleared) { one.dispatchEvent(new Event("input", { bubbles: true })); }
  });
})();
