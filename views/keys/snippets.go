package keys

import (
	"net/url"
	"strings"
)

// Snippets returns programs that try a new key: each reads credentials.json from the current folder, signs a token as
// documented at https://voximplant.com/docs/guides/managementapi/authorization, and calls GetRoles, which every key may
// call. apiURL is the URL of the Management API.
func Snippets(apiURL string) []Snippet {
	fill := func(code string) string {
		return strings.NewReplacer("API_URL", apiURL, "HOST_OPTION", hostOption(apiURL)).Replace(code)
	}
	return []Snippet{
		{ID: "bash", Title: "bash, with openssl and curl", Needs: "Nothing to install.", Code: fill(bashSnippet)},
		{ID: "python", Title: "Python", Needs: "pip install pyjwt[crypto]", Code: fill(pythonSnippet)},
		{
			ID:    "node",
			Title: "Node, with Voximplant's own client",
			Needs: "npm install @voximplant/apiclient-nodejs",
			Code:  fill(nodeSnippet),
		},
		{ID: "go", Title: "Go", Needs: "go get github.com/golang-jwt/jwt/v5", Code: fill(goSnippet)},
	}
}

// publicHost is the default host of the vendor's client.
const publicHost = "api.voximplant.com"

// hostOption returns the option of the vendor's Node client for another host, "" for the default.
func hostOption(apiURL string) string {
	u, err := url.Parse(apiURL)
	if err != nil || u.Host == "" || u.Host == publicHost {
		return ""
	}
	return `, host: "` + u.Host + `"`
}

const bashSnippet = `field() { sed -n 's/.*"'"$1"'": *"\{0,1\}\([^",]*\)"\{0,1\},\{0,1\}$/\1/p' credentials.json; }
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
now=$(date +%s)
head=$(printf '{"alg":"RS256","typ":"JWT","kid":"%s"}' "$(field key_id)" | base64url)
claims=$(printf '{"iss":%s,"iat":%d,"exp":%d}' "$(field account_id)" $((now - 5)) $((now + 60)) | base64url)
signature=$(printf '%s.%s' "$head" "$claims" | openssl dgst -sha256 -sign <(printf '%b' "$(field private_key)") ` +
	`| base64url)
export VOXIMPLANT_TOKEN="$head.$claims.$signature"
curl -sS -X POST 'API_URL/GetRoles' -H "Authorization: Bearer $VOXIMPLANT_TOKEN"
`

const pythonSnippet = `import json, time, urllib.request
import jwt

key = json.load(open("credentials.json"))
now = int(time.time())
token = jwt.encode(
    {"iss": key["account_id"], "iat": now - 5, "exp": now + 60},
    key["private_key"], algorithm="RS256", headers={"kid": key["key_id"]},
)
request = urllib.request.Request(
    "API_URL/GetRoles", method="POST", data=b"", headers={"Authorization": "Bearer " + token},
)
print(urllib.request.urlopen(request).read().decode())
`

const nodeSnippet = `const VoximplantApiClient = require("@voximplant/apiclient-nodejs").default;

const api = new VoximplantApiClient({ pathToCredentials: "credentials.json"HOST_OPTION });
api.onReady = async () => {
  const answer = await api.RoleSystem.getRoles({});
  console.log(JSON.stringify(answer));
};
`

const goSnippet = `package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func main() {
	var key struct {
		AccountID  int64  ` + "`json:\"account_id\"`" + `
		KeyID      string ` + "`json:\"key_id\"`" + `
		PrivateKey string ` + "`json:\"private_key\"`" + `
	}
	file, err := os.ReadFile("credentials.json")
	check(err)
	check(json.Unmarshal(file, &key))
	private, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(key.PrivateKey))
	check(err)
	now := time.Now().Unix()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"iss": key.AccountID, "iat": now - 5, "exp": ` +
	`now + 60})
	token.Header["kid"] = key.KeyID
	signed, err := token.SignedString(private)
	check(err)
	request, err := http.NewRequest(http.MethodPost, "API_URL/GetRoles", nil)
	check(err)
	request.Header.Set("Authorization", "Bearer "+signed)
	answer, err := http.DefaultClient.Do(request)
	check(err)
	defer answer.Body.Close()
	_, err = io.Copy(os.Stdout, answer.Body)
	check(err)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
`
