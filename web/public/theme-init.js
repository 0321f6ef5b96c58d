// Chooses the colour scheme before the first paint. A file of its own, so that script-src can stay 'self'.
(function () {
  try {
    var kept = localStorage.getItem('mantine-color-scheme-value');
    var system = matchMedia('(prefers-color-scheme: dark)').matches;
    var dark = kept === 'dark' || ((!kept || kept === 'auto') && system);
    document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  } catch {
    // Storage may be blocked: the light scheme of the document stands.
  }
})();
