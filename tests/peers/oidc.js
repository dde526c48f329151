// An institution's OpenID Connect server: node oidc.js '{"port":…, "redirect":…, "accounts":{…}}'
//
// A person who signs in enters an account's name; `accounts` has its claims. The pages are oidc-provider's.
import Provider from "oidc-provider";

const { port, redirect, client, secret, accounts } = JSON.parse(process.argv[2]);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: [redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  cookies: { keys: ["a key for tests"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...accounts[id] }),
  }),
});
provider.on("server_error", (_context, error) => console.error(error));
provider.listen(port, "localhost", () => console.log("listening"));
