// The rules that the HTML of every page is held to. What is off is a rule of taste that a rule of the house contradicts.
export default {
  root: true,
  extends: ["html-validate:recommended", "html-validate:standard"],
  rules: {
    // templ writes it so.
    "doctype-style": ["error", { style: "lowercase" }],
    // A list travels in a form as ticks and hidden fields of one name.
    "form-dup-name": "off",
    // A title names what the page is about, and people choose long names.
    "long-title": "off",
    // A page that waits for something comes back by itself, also without JavaScript (docs/decisions/0009).
    "meta-refresh": "off",
    // A head in <thead> is that of its column and one in a row that of its row: browsers need no scope
    // (TestTablesKeepTheirRoles).
    "wcag/h63": "off",
    // A select has no links as its options, which the search over each page has.
    "prefer-native-element": ["error", { exclude: ["listbox"] }],
  },
};
