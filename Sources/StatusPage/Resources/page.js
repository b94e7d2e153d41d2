
'use strict';
(function () {
  var said = document.getElementById('said');
  function say(words) { said.textContent = ''; setTimeout(function () { said.textContent = words; }, 50); }

  // Pages in a cluster are mostly plain HTTP, where browsers offer no clipboard.
  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(text); }
    var area = document.createElement('textarea'), focused = document.activeElement, isCopied = false;
    area.value = text;
    area.className = 'skip';
    document.body.appendChild(area);
    area.select();
    try { isCopied = document.execCommand('copy'); } catch (error) { isCopied = false; }
    area.remove();
    if (focused) { focused.focus(); }
    return isCopied ? Promise.resolve() : Promise.reject(new Error('copy'));
  }

  document.querySelectorAll('[data-copy]').forEach(function (source) {
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', 'Copy ' + source.dataset.copy);
    button.addEventListener('click', function () {
      copy(source.textContent).then(
        function () { say('Copied ' + source.dataset.copy + '.'); },
        function () { say('This browser does not let a page copy: select the text and copy it.'); });
    });
    source.insertAdjacentElement('afterend', button);
  });

  var parameters = new URLSearchParams(location.search), isOn = parameters.has('refresh');
  // A timer takes no more than 32 bits, and runs at once with more.
  var seconds = Math.min(Math.max(Math.round(Number(parameters.get('refresh'))) || 10, 2), 3600);
  var refresh = document.createElement('button');
  refresh.type = 'button';
  refresh.textContent = 'Refresh every ' + seconds + ' s';
  refresh.setAttribute('aria-pressed', String(isOn));
  refresh.addEventListener('click', function () {
    if (isOn) { parameters.delete('refresh'); } else { parameters.set('refresh', seconds); }
    location.search = parameters.toString();
  });
  document.getElementById('more').appendChild(refresh);
  if (isOn) {
    setInterval(function () {
      var focused = document.activeElement;
      if (!document.hidden && !(focused && /^(INPUT|SELECT)$/.test(focused.tagName))) { location.reload(); }
    }, seconds * 1000);
  }
})();
