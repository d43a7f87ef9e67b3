// « Mes ESMS » saves each row as one types. What has not arrived yet is kept in this browser and sent again,
// also after the page was closed; the server merges it with what others wrote meanwhile.
(function () {
  "use strict";

  var PAUSE = 600; // ms after the last key
  var FIRST_WAIT = 2, LONGEST_WAIT = 30; // s between tries
  var PREFIX = "matchmaker:mes-esms:";

  function store(action, key, value) {
    try {
      if (action === "get") { return window.localStorage.getItem(PREFIX + key); }
      if (action === "set") { window.localStorage.setItem(PREFIX + key, value); } else { window.localStorage.removeItem(PREFIX + key); }
    } catch (refused) { /* private window or full: the page itself still holds what was typed */ }
    return null;
  }

  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && one.name !== "csrf_token" && one.tagName !== "BUTTON" && one.tagName !== "FIELDSET" && one.name.indexOf("vu-") !== 0 && one.type !== "hidden";
    });
  }

  function values(form) {
    return fields(form).map(function (one) {
      return { n: one.name, v: one.value, c: one.type === "checkbox" ? one.checked : null };
    });
  }

  function shown(form) {
    return [form.elements.depart.value, form.elements.depart_details.value];
  }

  function restore(form, kept) {
    if (!Array.isArray(kept.champs) || typeof kept.depart[0] !== "string" || typeof kept.depart[1] !== "string") {
      throw new TypeError("not a row");
    }
    fields(form).forEach(function (one) {
      kept.champs.forEach(function (old) {
        if (old.n !== one.name) { return; }
        if (one.type === "checkbox") { if (old.v === one.value) { one.checked = old.c; } } else { one.value = old.v; }
      });
    });
    form.elements.depart.value = kept.depart[0];
    form.elements.depart_details.value = kept.depart[1];
  }

  document.addEventListener("DOMContentLoaded", function () {
    var forms = Array.prototype.slice.call(document.querySelectorAll("form[data-saisie]"));
    var status = "enregistrement";
    var rows = new Map();
    if (!forms.length) { return; }
    document.documentElement.classList.add("avec-script");

    function say(text) { document.getElementById(status).textContent = text; }

    function unsaved() {
      return forms.filter(function (form) { var row = rows.get(form); return row.saved < row.typed; });
    }

    function send(form) {
      window.clearTimeout(rows.get(form).timer);
      window.htmx.trigger(form, "saisie");
    }

    function changed(form, now) {
      var row = rows.get(form);
      row.typed += 1;
      store("set", form.dataset.saisie, JSON.stringify({ champs: values(form), depart: shown(form) }));
      window.clearTimeout(row.timer);
      row.timer = window.setTimeout(function () { send(form); }, now ? 0 : PAUSE);
    }

    say("Chaque réponse s’enregistre dès que vous la donnez.");

    forms.forEach(function (form) {
      rows.set(form, { typed: 0, sent: 0, saved: 0, wait: FIRST_WAIT, timer: null, carried: [] });

      form.addEventListener("input", function (event) {
        changed(form, event.target.type === "checkbox" || event.target.tagName === "SELECT");
      });

      // « Ouvert à toutes » and a list exclude one another.
      form.addEventListener("change", function (event) {
        var one = event.target;
        if (one.name !== "solutions" || !one.checked) { return; }
        form.querySelectorAll("input[name=solutions]").forEach(function (other) {
          if ((other.value === "any") !== (one.value === "any")) { other.checked = false; }
        });
        changed(form, true);
      });

      // A choice between two values stays in the form until it has arrived.
      form.addEventListener("click", function (event) {
        var button = event.target.closest("button[name=garder], button[name=prendre]");
        if (button) {
          var choice = document.createElement("input");
          choice.type = "hidden";
          choice.name = button.name;
          choice.value = button.value;
          choice.className = "choix-fait";
          form.append(choice);
          rows.get(form).typed += 1;
        }
      });

      form.addEventListener("htmx:beforeRequest", function () {
        var row = rows.get(form);
        window.clearTimeout(row.timer);
        row.sent = row.typed;
        row.carried = form.querySelectorAll(".choix-fait");
        say("Enregistrement…");
        var here = document.getElementById("en-cours-" + form.dataset.saisie.split(":")[2]);
        if (here) { here.textContent = "Enregistrement…"; }
      });

      form.addEventListener("htmx:afterRequest", function (event) {
        var row = rows.get(form);
        if (event.detail.successful) {
          row.saved = row.sent;
          row.wait = FIRST_WAIT;
          row.carried.forEach(function (choice) { choice.remove(); });
          if (row.saved === row.typed) { store("remove", form.dataset.saisie); }
          return;
        }
        var here = document.getElementById("en-cours-" + form.dataset.saisie.split(":")[2]);
        var status_ = event.detail.xhr ? event.detail.xhr.status : 0;
        if (here) { here.textContent = "Pas encore enregistré."; }
        if (status_ >= 400 && status_ < 500 && status_ !== 408 && status_ !== 429) {
          // The row is gone, or the page too old to be merged: trying again would change nothing.
          row.saved = row.typed;
          store("remove", form.dataset.saisie);
          say("Non enregistré : cette page n’est plus à jour. Notez ce que vous venez de saisir, puis rechargez-la.");
          return;
        }
        say("Non enregistré : la connexion a manqué. Vos réponses restent sur cette page et dans ce navigateur, nouvel essai dans " + row.wait + "\u00a0s.");
        row.timer = window.setTimeout(function () { send(form); }, row.wait * 1000);
        row.wait = Math.min(row.wait * 2, LONGEST_WAIT);
      });
    });

    // What comes back never replaces the field under the person's hands.
    document.body.addEventListener("htmx:oobBeforeSwap", function (event) {
      var target = event.detail.target;
      var form = target.closest("form[data-saisie]");
      if (form && target.classList.contains("question") && target.contains(document.activeElement) && rows.get(form).typed > rows.get(form).sent) {
        event.detail.shouldSwap = false;
      }
    });

    // Left unsent by an earlier visit: put back, and sent.
    var found = 0;
    forms.forEach(function (form) {
      var text = store("get", form.dataset.saisie);
      if (!text) { return; }
      try {
        restore(form, JSON.parse(text));
      } catch (unreadable) {
        store("remove", form.dataset.saisie);
        return;
      }
      found += 1;
      rows.get(form).typed += 1;
      window.setTimeout(function () { send(form); }, 0);
    });
    if (found) { say("Des réponses n’avaient pas pu être envoyées : elles sont reprises."); }

    window.addEventListener("online", function () { unsaved().forEach(send); });
    window.addEventListener("beforeunload", function (event) {
      if (unsaved().length) { event.preventDefault(); }
    });
  });
})();
