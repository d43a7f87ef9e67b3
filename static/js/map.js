// The map of a plan or of a grappe: département outlines, then one shape per ESMS, drawn on a canvas.
// Everything it shows is also in the list beside it, which answers the same query.
(function () {
  "use strict";

  var INK = "#1E1A24";
  // Shape, fill and outline of each status; drawn in this order, the unplaced on top.
  var STATUS = {
    nsp: { shape: "ring", fill: "#FFFFFF", line: "#5F5A68" },
    place: { shape: "circle", fill: "#0B4F8A", line: "#FFFFFF" },
    porteur: { shape: "target", fill: "#5B2459", line: "#FFFFFF" },
    iso: { shape: "triangle", fill: "#A82B08", line: INK }
  };
  var ORDER = ["nsp", "place", "porteur", "iso"];

  // One subclass draws every shape; circles inherit the dashes of the path before them unless told otherwise.
  var Shape = window.L.CircleMarker.extend({
    _updatePath: function () {
      var renderer = this._renderer;
      if (!renderer._drawing || this._empty()) {
        return;
      }
      var ctx = renderer._ctx, p = this._point, r = this._radius;
      ctx.setLineDash([]);
      ctx.beginPath();
      if (this.options.shape === "triangle") {
        ctx.moveTo(p.x, p.y - r * 1.2);
        ctx.lineTo(p.x + r * 1.15, p.y + r * 0.9);
        ctx.lineTo(p.x - r * 1.15, p.y + r * 0.9);
        ctx.closePath();
      } else {
        ctx.arc(p.x, p.y, r, 0, Math.PI * 2, false);
      }
      renderer._fillStroke(ctx, this);
      if (this.options.shape === "target") {
        ctx.beginPath();
        ctx.arc(p.x, p.y, r * 0.4, 0, Math.PI * 2, false);
        ctx.fillStyle = "#FFFFFF";
        ctx.fill();
      }
      if (this.options.approximate) {
        ctx.beginPath();
        ctx.setLineDash([2, 2]);
        ctx.arc(p.x, p.y, r + 3, 0, Math.PI * 2, false);
        ctx.lineWidth = 1;
        ctx.strokeStyle = INK;
        ctx.stroke();
        ctx.setLineDash([]);
      }
    }
  });

  function getJson(url) {
    return window.fetch(url, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) {
        throw new Error(url + " : " + answer.status);
      }
      return answer.json();
    });
  }

  // Names come from files that people filled: they are only ever set as text.
  function popup(point, grappe) {
    var box = document.createElement("div");
    var name = document.createElement("strong");
    name.textContent = point[3];
    box.appendChild(name);
    var words = document.createElement("p");
    words.textContent = point[4] + (point[6] ? " (position au centre de la commune)" : "");
    box.appendChild(words);
    if (grappe) {
      var link = document.createElement("a");
      link.href = grappe.url;
      link.textContent = "Ouvrir la grappe " + grappe.name;
      box.appendChild(link);
    }
    return box;
  }

  function begin(element) {
    var L = window.L;
    element.textContent = "";
    var map = L.map(element, {
      preferCanvas: true, scrollWheelZoom: false, zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 17
    });
    L.control.zoom({ zoomInTitle: "Agrandir la carte", zoomOutTitle: "Réduire la carte" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    var credit = L.control.attribution({ prefix: false }).addTo(map);
    credit.addAttribution("Contours IGN 2018 · FINESS");
    map.setView([46.5, 2.5], 5);
    // From the bottom: outlines, points, names of départements (with the number of unplaced ESMS under them).
    map.createPane("contours").style.zIndex = 300;
    map.createPane("noms").style.zIndex = 450;
    map.getPane("noms").style.pointerEvents = "none";
    var ground = L.canvas({ pane: "contours" });
    var labels = L.layerGroup();
    var layer = L.layerGroup();
    var departements = [], territory = null;
    var markers = [], crowd = 0, start = 0;

    if (element.dataset.tuiles) {
      L.tileLayer(element.dataset.tuiles, { attribution: element.dataset.attribution }).addTo(map);
    }

    function outline(url, style) {
      return getJson(url).then(function (shape) {
        return L.geoJSON(shape, { style: style, interactive: false, pane: "contours", renderer: ground });
      });
    }

    function drawPoints(data, fit) {
      layer.clearLayers();
      crowd = data.points.length;
      markers = [];
      data.points.forEach(function (point) {
        var grappe = data.grappes[point[5]];
        if (grappe) {
          L.polyline([grappe.porteur, [point[0], point[1]]], {
            color: "#0B4F8A", weight: 1, opacity: 0.35, interactive: false
          }).addTo(layer);
        }
      });
      ORDER.forEach(function (status) {
        data.points.forEach(function (point) {
          if (point[2] !== status) {
            return;
          }
          var look = STATUS[status];
          var marker = new Shape([point[0], point[1]], {
            shape: look.shape, radius: 5, color: look.line, weight: status === "nsp" ? 1.6 : 1.1,
            fillColor: look.fill, fillOpacity: 1, approximate: point[6]
          });
          marker.bindPopup(function () { return popup(point, data.grappes[point[5]]); });
          marker.addTo(layer);
          markers.push(marker);
        });
      });
      label(data.departements);
      if (fit && data.points.length) {
        map.fitBounds(L.latLngBounds(data.points.map(function (p) { return [p[0], p[1]]; })), {
          padding: [24, 24], maxZoom: 11, animate: false
        });
      } else if (fit && territory) {
        map.fitBounds(territory, { padding: [8, 8], animate: false });
      }
      if (fit) {
        start = map.getZoom();
      }
      resize();
      element.dataset.dessine = String(data.points.length);
    }

    // Many ESMS are drawn small, and grow as one comes closer.
    function resize() {
      var radius = crowd > 600 ? 3.2 : crowd > 60 ? 5.4 : 7.5;
      radius = Math.min(7.5, radius * Math.pow(1.3, Math.max(0, map.getZoom() - start)));
      markers.forEach(function (marker) { marker.setRadius(radius); });
    }
    map.on("zoomend", resize);

    function label(unplaced) {
      labels.clearLayers();
      departements.forEach(function (departement) {
        var count = unplaced[departement.code];
        var chip = document.createElement("span");
        chip.textContent = departement.nom + (count ? " ▲ " + count : "");
        L.marker(departement.centre, {
          pane: "noms", interactive: false, keyboard: false,
          icon: L.divIcon({ className: "carte-nom", html: chip, iconSize: [120, 20] })
        }).addTo(labels);
      });
    }

    function failed() {
      var message = document.createElement("p");
      message.className = "carte-absente";
      message.textContent = "La carte ne s’affiche pas. " + element.dataset.jumelle;
      element.appendChild(message);
    }

    var background = element.dataset.tuiles ? null : element.dataset.fond;
    var codes = element.dataset.contours ? element.dataset.contours.split(" ") : [];
    var neighbours = { color: "#C9C4CE", weight: 0.8, fillColor: "#F4F3F1", fillOpacity: 1 };
    var ours = { color: "#A9A2B2", weight: 1, fillColor: "#FFFFFF", fillOpacity: element.dataset.tuiles ? 0 : 1 };
    Promise.all([background ? outline(background, neighbours) : null].concat(codes.map(function (url) {
      return outline(url, ours);
    }))).then(function (layers) {
      layers.filter(Boolean).forEach(function (shapes, rank) {
        shapes.addTo(map);
        if (background && rank === 0) {
          return;
        }
        territory = territory ? territory.extend(shapes.getBounds()) : shapes.getBounds();
        shapes.eachLayer(function (shape) {
          var properties = shape.feature.properties;
          departements.push({ code: properties.code, nom: properties.nom, centre: shape.getBounds().getCenter() });
        });
      });
      layer.addTo(map);
      labels.addTo(map);
      return getJson(element.dataset.points);
    }).then(function (data) {
      drawPoints(data, true);
    }).catch(failed);

    // The list was filtered: draw what it now shows.
    document.addEventListener("htmx:afterSettle", function () {
      var twin = document.querySelector("[data-points-liste]");
      if (twin && twin.dataset.pointsListe !== element.dataset.points) {
        element.dataset.points = twin.dataset.pointsListe;
        getJson(element.dataset.points).then(function (data) { drawPoints(data, false); }).catch(failed);
      }
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var element = document.getElementById("carte");
    if (element) {
      begin(element);
    }
  });
})();
