// A form that saves as one types: htmx sends it; this says where the saving stands and tries again.
(function () {
  "use strict";

  var FIRST_WAIT = 2;
  var LONGEST_WAIT = 30;

  document.addEventListener("DOMContentLoaded", function () {
    var form = document.querySelector("form[data-saisie]");
    if (!form) {
      return;
    }
    var typed = 0; // changes made
    var sent = 0; // those that the request under way carries
    var saved = 0; // those that are known to have arrived
    var wait = FIRST_WAIT;
    var timer = null;
    var carried = []; // choices that the request under way carries

    function say(text) {
      document.getElementById("enregistrement").textContent = text;
    }

    say("Chaque réponse s’enregistre dès que vous la donnez.");

    form.addEventListener("input", function () {
      typed += 1;
    });

    // A choice between two values is kept in the form until it has arrived: the button that made it may be
    // replaced by the answer to an earlier request while its own still waits.
    form.addEventListener("click", function (event) {
      var button = event.target.closest("button[name=garder], button[name=prendre]");
      if (button) {
        var choice = document.createElement("input");
        choice.type = "hidden";
        choice.name = button.name;
        choice.value = button.value;
        choice.className = "choix-fait";
        form.append(choice);
        typed += 1;
      }
    });

    form.addEventListener("htmx:beforeRequest", function () {
      window.clearTimeout(timer);
      sent = typed;
      carried = form.querySelectorAll(".choix-fait");
      say("Enregistrement…");
    });

    form.addEventListener("htmx:afterRequest", function (event) {
      if (event.detail.successful) {
        saved = sent;
        wait = FIRST_WAIT;
        carried.forEach(function (choice) { choice.remove(); });
        return;
      }
      say("Non enregistré : la connexion a manqué. Votre saisie reste sur cette page, nouvel essai dans " +
        wait + "\u00a0s.");
      timer = window.setTimeout(again, wait * 1000);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });

    function again() {
      window.htmx.trigger(form, "reessayer");
    }
    window.addEventListener("online", function () {
      if (saved < typed) {
        window.clearTimeout(timer);
        again();
      }
    });

    window.addEventListener("beforeunload", function (event) {
      if (saved < typed) {
        event.preventDefault();
      }
    });
  });
})();
