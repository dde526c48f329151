// An institution's SAML identity provider: node saml.js '{"port":…, "site":…, "key":…, "cert":…}'
//
// Its only page asks for an address and signs that person in. The package samlify speaks the protocol.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import samlify from "samlify";

const { port, site, entity, key, cert } = JSON.parse(process.argv[2]);
const { Constants, IdentityProvider, ServiceProvider } = samlify;
// Other tests check the requests that it receives: only its own answers matter here.
samlify.setSchemaValidator({ validate: async () => "not checked" });

// The profile requires a statement of how the person signed in, which samlify's own answer leaves out.
const how =
  '<saml:AuthnStatement AuthnInstant="{IssueInstant}"><saml:AuthnContext><saml:AuthnContextClassRef>' +
  "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport" +
  "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>";
const template = samlify.SamlLib.defaultLoginResponseTemplate;
template.context = template.context.replace("{AuthnStatement}", how);

const idp = IdentityProvider({
  entityID: entity,
  privateKey: readFileSync(key),
  signingCert: readFileSync(cert),
  requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  nameIDFormat: ["urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"],
  singleSignOnService: [
    { Binding: Constants.namespace.binding.redirect, Location: `http://localhost:${port}/sso` },
  ],
});

async function serviceProvider() {
  const answer = await fetch(`${site}/sign-in/saml/saml/metadata/`);
  return ServiceProvider({ metadata: await answer.text() });
}

const page = (action, fields) =>
  `<!doctype html><title>Institution</title><form method="post" action="${action}">${Object.entries(fields)
    .map(([name, value]) => `<input name="${name}" value="${value}">`)
    .join("")}<button>Sign in</button></form>`;

async function answer(request, url) {
  if (url.pathname === "/") return "ready";
  if (request.method === "GET") return page(url.pathname + url.search.replaceAll("&", "&amp;"), { email: "" });
  let body = "";
  for await (const part of request) body += part;
  const sp = await serviceProvider();
  const asked = await idp.parseLoginRequest(sp, "redirect", {
    query: Object.fromEntries(url.searchParams),
  });
  const email = new URLSearchParams(body).get("email");
  const made = await idp.createLoginResponse(sp, asked, "post", { email });
  const relay = url.searchParams.get("RelayState") ?? "";
  return page(made.entityEndpoint, { SAMLResponse: made.context, RelayState: relay });
}

createServer(async (request, response) => {
  try {
    const text = await answer(request, new URL(request.url, `http://localhost:${port}`));
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(text);
  } catch (error) {
    console.error(error);
    response.writeHead(500);
    response.end(String(error));
  }
}).listen(port, "localhost");
