// What every page needs beside htmx: the CSRF token, the focus after a swap, the state of a form being sent.
(function () {
  "use strict";

  function token() {
    var meta = document.querySelector('meta[name="csrf-token"]');
    return meta ? meta.content : "";
  }

  document.addEventListener("htmx:configRequest", function (event) {
    var verb = event.detail.verb;
    if (verb !== "get" && verb !== "head") {
      event.detail.headers["X-CSRFToken"] = token();
    }
  });

  // Errors first: the summary of a form sent back takes the focus. Otherwise only an element that asks for it.
  function focusAfterSwap(root) {
    var target = root.querySelector("#resume-erreurs") || root.querySelector("[data-focus]");
    if (target) {
      if (!target.hasAttribute("tabindex")) {
        target.setAttribute("tabindex", "-1");
      }
      target.focus();
    }
  }

  // An answer that comes while somebody types leaves the focus where it is: mistakes are only said.
  function whileTyping(event) {
    var request = event.detail.requestConfig;
    var cause = request && request.triggeringEvent;
    return Boolean(cause) && (cause.type === "input" || cause.type === "change");
  }

  // The place of an error is filled by an answer; the field itself is left alone, and only told whether it is right.
  function tellFields() {
    document.querySelectorAll("[data-erreur-de]").forEach(function (place) {
      var field = document.getElementById(place.dataset.erreurDe);
      if (!field || field.tagName === "FIELDSET") {
        return;
      }
      if (place.textContent.trim()) {
        field.setAttribute("aria-invalid", "true");
      } else {
        field.removeAttribute("aria-invalid");
      }
    });
  }

  document.addEventListener("htmx:afterSettle", function (event) {
    tellFields();
    var root = event.detail.elt.parentElement || document;
    if (whileTyping(event)) {
      var mistakes = root.querySelector("#resume-erreurs");
      document.getElementById("annonces").textContent = mistakes ? mistakes.textContent.replace(/\s+/g, " ") : "";
    } else {
      focusAfterSwap(root);
    }
    var words = event.detail.elt.querySelector("[data-annonce]");
    if (words) {
      document.getElementById("annonces").textContent = words.dataset.annonce;
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    var summary = document.getElementById("resume-erreurs");
    if (summary) {
      summary.focus();
    }
  });

  // A request that did not arrive must not look like one that did.
  function failed() {
    document.getElementById("annonces").textContent =
      "La demande n’est pas passée. Ce qui est affiché n’a pas changé : réessayez.";
  }
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);

  // Filters of a list apply when changed; without this script their button does it.
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-auto]");
    if (form) {
      form.requestSubmit();
    }
  });

  // A form is sent once.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) {
      return;
    }
    if (form.dataset.envoi) {
      event.preventDefault();
      return;
    }
    form.dataset.envoi = "1";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", function (event) {
    // A page brought back as it was would carry a token already used.
    if (event.persisted && document.querySelector("[data-une-fois]")) {
      window.location.reload();
    }
    document.querySelectorAll("form[data-envoi]").forEach(function (form) {
      delete form.dataset.envoi;
      form.removeAttribute("aria-busy");
    });
  });

  // Printing shows every rule; afterwards the page is as it was.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (element) { element.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (element) { element.open = false; });
  });
})();
