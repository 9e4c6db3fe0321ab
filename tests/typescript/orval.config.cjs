module.exports = {
  jobreport: {
    input: "./openapi.json",
    output: { target: "./orval.ts", client: "fetch", mode: "single", baseUrl: { getBaseUrlFromSpecification: true } },
  },
};
