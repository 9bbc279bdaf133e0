// What the pages do in the browser by themselves: the theme, which is remembered here and nowhere else.
const volspike = (() => {
  const THEMES = ["auto", "dark", "light"];
  const theme = () => THEMES.find((name) => name === localStorage.getItem("volspike-theme")) ?? "auto";
  const applyTheme = () => Quasar.Dark.set({ auto: "auto", dark: true, light: false }[theme()]);

  const nextTheme = () => {
    localStorage.setItem("volspike-theme", THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
    applyTheme();
    Quasar.Notify.create({ message: `Theme: ${theme()}`, timeout: 1000, position: "top" });
  };

  document.addEventListener("DOMContentLoaded", applyTheme); // after the modules, so the page is mounted
  return { nextTheme };
})();
