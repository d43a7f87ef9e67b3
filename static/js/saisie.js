// Forms that save as one types: form[data-saisie], sent by htmx on « saisie ». What has not arrived yet is kept in
// this browser and sent again, also after the page was closed. The server merges it with what others wrote meanwhile;
// « envoyes » tells it what was sent before without an answer, so that nobody is in conflict with themselves.
(function () {
  "use strict";

  var PAUSE = 600; // ms after the last key
  var FIRST_WAIT = 2, LONGEST_WAIT = 30; // s between tries
  var PREFIX = "matchmaker:saisie:";
  var MOST = 50; // saves without an answer that are told
  var HERE = "Vos réponses restent sur cette page et dans ce navigateur";
  var NOT_TYPED = /^(csrf_token|depart.*|vu-.*|garder|prendre|envoyes)$/;

  function store(action, key, value) {
    try {
      if (action === "get") { return window.localStorage.getItem(PREFIX + key); }
      if (action === "set") { window.localStorage.setItem(PREFIX + key, value); } else { window.localStorage.removeItem(PREFIX + key); }
    } catch (refused) { /* private window or full: the page itself still holds what was typed */ }
    return null;
  }

  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && one.type !== "hidden" && one.tagName !== "BUTTON" && one.tagName !== "FIELDSET" && !NOT_TYPED.test(one.name);
    });
  }

  function ticked(one) { return one.type === "checkbox" || one.type === "radio"; }

  function values(form) {
    return fields(form).map(function (one) {
      return { n: one.name, v: one.value, c: ticked(one) ? one.checked : null };
    });
  }

  // What the page showed when it was opened or last saved: hidden fields « depart… ».
  function shown(form) {
    return Array.prototype.filter.call(form.elements, function (one) { return /^depart/.test(one.name); });
  }

  function restore(form, kept) {
    if (!Array.isArray(kept.champs) || !Array.isArray(kept.envoyes) || shown(form).some(function (one) { return typeof kept.depart[one.name] !== "string"; })) {
      throw new TypeError("not a form of ours");
    }
    fields(form).forEach(function (one) {
      kept.champs.forEach(function (old) {
        if (old.n !== one.name) { return; }
        if (ticked(one)) { if (old.v === one.value) { one.checked = old.c; } } else { one.value = old.v; }
      });
    });
    shown(form).forEach(function (one) { one.value = kept.depart[one.name]; });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var forms = Array.prototype.slice.call(document.querySelectorAll("form[data-saisie]"));
    var rows = new Map();
    if (!forms.length) { return; }
    document.documentElement.classList.add("avec-script");

    function say(text) { document.getElementById("enregistrement").textContent = text; }

    function sayAt(form, text) {
      var here = form.querySelector(".en-cours");
      if (here) { here.textContent = text; }
    }

    function unsaved() {
      return forms.filter(function (form) { var row = rows.get(form); return row.saved < row.typed; });
    }

    function keep(form) {
      var depart = {};
      shown(form).forEach(function (one) { depart[one.name] = one.value; });
      store("set", form.dataset.saisie, JSON.stringify({ champs: values(form), depart: depart, envoyes: rows.get(form).unheard }));
    }

    function send(form) {
      window.clearTimeout(rows.get(form).timer);
      window.htmx.trigger(form, "saisie");
    }

    function changed(form, now) {
      var row = rows.get(form);
      row.typed += 1;
      keep(form);
      window.clearTimeout(row.timer);
      row.timer = window.setTimeout(function () { send(form); }, now ? 0 : PAUSE);
    }

    say("Chaque réponse s’enregistre dès que vous la donnez.");

    forms.forEach(function (form) {
      rows.set(form, { typed: 0, sent: 0, saved: 0, wait: FIRST_WAIT, timer: null, carried: [], body: "", unheard: [] });

      form.addEventListener("input", function (event) {
        changed(form, ticked(event.target) || event.target.tagName === "SELECT");
      });

      // A choice between two values stays in the form until it has arrived: the button that made it may be replaced
      // by the answer to an earlier request while its own still waits.
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

      form.addEventListener("htmx:configRequest", function (event) {
        var row = rows.get(form), body = new URLSearchParams();
        event.detail.formData.forEach(function (value, name) {
          if (!NOT_TYPED.test(name)) { body.append(name, value); }
        });
        row.body = body.toString();
        if (row.unheard.length) { event.detail.parameters.envoyes = JSON.stringify(row.unheard); }
      });

      form.addEventListener("htmx:beforeRequest", function () {
        var row = rows.get(form);
        window.clearTimeout(row.timer);
        row.sent = row.typed;
        row.carried = form.querySelectorAll(".choix-fait");
        if (row.unheard.indexOf(row.body) < 0) { row.unheard = row.unheard.concat([row.body]).slice(-MOST); }
        if (row.saved < row.typed) { keep(form); }
        say("Enregistrement…");
        sayAt(form, "Enregistrement…");
      });

      form.addEventListener("htmx:afterRequest", function (event) {
        var row = rows.get(form);
        if (event.detail.successful) {
          row.saved = row.sent;
          row.wait = FIRST_WAIT;
          row.unheard = [];
          row.carried.forEach(function (choice) { choice.remove(); });
          if (row.saved === row.typed) { store("remove", form.dataset.saisie); } else { keep(form); }
          return;
        }
        var status = event.detail.xhr ? event.detail.xhr.status : 0;
        sayAt(form, "Pas encore enregistré.");
        if (status === 400 || status === 401 || status === 403) {
          // The session is over. Nothing is tried again here: the page that is opened after signing in sends it.
          row.saved = row.typed;
          say("Non enregistré : votre session a pris fin. " + HERE + " : reconnectez-vous, puis rouvrez cette page pour les envoyer.");
          return;
        }
        if (status > 400 && status < 500 && status !== 408 && status !== 429) {
          // The row is gone, or the page too old to be merged: trying again would change nothing.
          row.saved = row.typed;
          store("remove", form.dataset.saisie);
          say("Non enregistré : cette page n’est plus à jour. Notez ce que vous venez de saisir, puis rechargez-la.");
          return;
        }
        say("Non enregistré : la connexion a manqué. " + HERE + ", nouvel essai dans " + row.wait + "\u00a0s.");
        row.timer = window.setTimeout(function () { send(form); }, row.wait * 1000);
        row.wait = Math.min(row.wait * 2, LONGEST_WAIT);
      });
    });

    // What comes back never replaces the field under the person's hands.
    document.body.addEventListener("htmx:oobBeforeSwap", function (event) {
      var target = event.detail.target, hands = document.activeElement;
      var form = target.closest("form[data-saisie]");
      if (form && target.contains(hands) && fields(form).indexOf(hands) >= 0 && rows.get(form).typed > rows.get(form).sent) {
        event.detail.shouldSwap = false;
      }
    });

    // Left unsent by an earlier visit: put back, and sent.
    var found = 0;
    forms.forEach(function (form) {
      var text = store("get", form.dataset.saisie), kept;
      if (!text) { return; }
      try {
        kept = JSON.parse(text);
        restore(form, kept);
      } catch (unreadable) {
        store("remove", form.dataset.saisie);
        return;
      }
      found += 1;
      rows.get(form).unheard = kept.envoyes.slice(-MOST);
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
