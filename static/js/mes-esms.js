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

  // What is chosen is read where the list is folded.
  document.addEventListener("change", function (event) {
    var group = event.target.name === "solutions" && event.target.closest("fieldset");
    var words = group && group.querySelector(".choisies");
    if (!words) { return; }
    var names = Array.prototype.map.call(group.querySelectorAll(".choisir input:checked"), function (one) {
      return one.parentElement.querySelector("label").firstChild.textContent.trim();
    });
    words.textContent = names.join(", ") || "Choisir";
  });

  // On a phone, what is complete takes one line until one asks to change it.
  document.addEventListener("DOMContentLoaded", function () {
    if (!window.matchMedia("(max-width: 699px)").matches) { return; }
    document.querySelectorAll("form.ligne").forEach(function (form) {
      var button = form.querySelector(".modifier");
      if (!form.querySelector(".reponse-pliee") || !button || form.closest("li:target")) { return; }
      form.classList.add("pliee");
      button.hidden = false;
      function unfold() {
        form.classList.remove("pliee");
        button.hidden = true;
      }
      // What an earlier page could not send goes now, and the answer to it may be a question.
      form.addEventListener("htmx:beforeRequest", unfold, { once: true });
      button.addEventListener("click", function () {
        unfold();
        form.querySelector("input:not([type=hidden])").focus();
      });
    });
  });
})();
