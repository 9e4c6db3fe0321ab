// Starts the API page, and has it show answers as they came: JSON.parse would round what a double cannot hold, so that
// 638599392481859693 were shown as 638599392481859700, and pasted back nothing would be found.

/** The text of a JSON value with line ends and indents; each number and text as it stands there. */
function indented(text) {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? [];
  const line = (depth) => `\n${"  ".repeat(depth)}`;
  let depth = 0;
  return tokens
    .map((token, at) => {
      const empty = /^[{[]$/.test(tokens[at - 1]) && /^[}\]]$/.test(token);
      if (/^[{[]$/.test(token)) {
        depth += 1;
        return /^[}\]]$/.test(tokens[at + 1]) ? token : token + line(depth);
      }
      if (/^[}\]]$/.test(token)) {
        depth -= 1;
        return empty ? token : line(depth) + token;
      }
      return token === "," ? token + line(depth) : token === ":" ? `${token} ` : token;
    })
    .join("");
}

function isJSON({ content, contentType, headers = {} }) {
  if (typeof content !== "string" || !/^application\/([\w.+-]+\+)?json\b/i.test(contentType)) return false;
  if (/attachment/i.test(headers["content-disposition"] ?? "")) return false;
  try {
    JSON.parse(content);
    return true;
  } catch {
    return false;
  }
}

const exactAnswers = () => ({
  wrapComponents: {
    responseBody: (Original, system) => (properties) => {
      const { createElement } = system.React;
      if (!isJSON(properties)) return createElement(Original, properties);
      const Code = system.getComponent("HighlightCode", true);
      const shown = { language: "json", downloadable: true, fileName: "answer.json", canCopy: true };
      return createElement("div", null, createElement("h5", null, "Response body"), createElement(Code, shown, indented(properties.content)));
    },
  },
});

window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#api",
    deepLinking: true,
    validatorUrl: null,
    plugins: [exactAnswers],
  });
});
