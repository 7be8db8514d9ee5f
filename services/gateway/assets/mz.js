/* Small conveniences on top of pages that work without them. ES2017; no module, no framework. */
(function () {
  'use strict';
  var goes = { h: '/', p: '/persons', c: '/cases', b: '/batches', n: '/notices' };
  var waiting = false;

  function typing(node) {
    return node && /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);
  }

  // "/" opens the search, "g h" and its like go to a page, j and k walk along the rows of a worklist.
  document.addEventListener('keydown', function (event) {
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (waiting && goes[event.key]) {
      waiting = false;
      location.href = goes[event.key];
      return;
    }
    waiting = event.key === 'g';
    if (event.key === '/') {
      event.preventDefault();
      var field = document.querySelector('[data-search]');
      if (field) field.focus(); else location.href = goes.p;
    }
    if (event.key === 'j' || event.key === 'k') {
      var links = Array.prototype.slice.call(document.querySelectorAll('[data-rows] tbody a'));
      var at = links.indexOf(document.activeElement) + (event.key === 'j' ? 1 : -1);
      if (links[at]) links[at].focus();
    }
  });

  // What cannot be undone asks once more.
  document.addEventListener('submit', function (event) {
    var button = event.submitter || document.activeElement;
    var words = button && button.getAttribute && button.getAttribute('data-confirm');
    if (words && !window.confirm(words)) {
      event.preventDefault();
      return;
    }
    // A second press while the first is on its way would send the form twice.
    window.setTimeout(function () { if (button && button.tagName === 'BUTTON') button.disabled = true; }, 0);
  });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('button:disabled').forEach(function (button) { button.disabled = false; });
  });

  // A part marked data-poll="15" is fetched anew every 15 s while the page is in sight; failing is silent.
  var part = document.querySelector('[data-poll]');
  if (part && window.fetch) {
    window.setInterval(function () {
      if (document.hidden || part.contains(document.activeElement)) return;
      fetch(location.href, { credentials: 'same-origin' }).then(function (answer) {
        return answer.ok ? answer.text() : null;
      }).then(function (html) {
        var fresh = html && new DOMParser().parseFromString(html, 'text/html').querySelector('[data-poll]');
        if (fresh) { part.replaceWith(fresh); part = fresh; }
      }).catch(function () {});
    }, 1000 * Number(part.getAttribute('data-poll')));
  }
}());
