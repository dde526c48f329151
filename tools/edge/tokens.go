package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

var errToken = errors.New("the token is not valid")

// claims are those of a token that an edge reads; permissions have MediaMTX's form.
type claims struct {
	Issuer      string       `json:"iss"`
	Audience    string       `json:"aud"`
	Expires     int64        `json:"exp"`
	Permissions []permission `json:"mediamtx_permissions"`
}

type permission struct {
	Action string `json:"action"`
	Path   string `json:"path"`
}

// permits says whether a permission is for an action at a path.
func (p permission) permits(action, path string) bool {
	if p.Action != action {
		return false
	}
	pattern, isPattern := strings.CutPrefix(p.Path, "~")
	if !isPattern {
		return p.Path == "" || p.Path == path
	}
	found, err := regexp.MatchString(pattern, path)
	return err == nil && found
}

// verifier checks tokens with public keys that it fetches once it needs them.
type verifier struct {
	address string
	mutex   sync.Mutex
	keys    map[string]*ecdsa.PublicKey
}

// check returns when a request's token ends, if it permits an action at a path.
func (v *verifier) check(request *http.Request, action, path string) (time.Time, error) {
	token, isBearer := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	if !isBearer {
		return time.Time{}, errToken
	}
	told, err := v.read(token)
	if err != nil {
		return time.Time{}, err
	}
	ends := time.Unix(told.Expires, 0)
	if told.Issuer != "hemicycle" || told.Audience != "edge" || time.Now().After(ends) {
		return time.Time{}, errToken
	}
	for _, permission := range told.Permissions {
		if permission.permits(action, path) {
			return ends, nil
		}
	}
	return time.Time{}, errToken
}

func (v *verifier) read(token string) (claims, error) {
	var told claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return told, errToken
	}
	var head struct{ Alg, Kid string }
	if decoded(parts[0], &head) != nil || head.Alg != "ES256" {
		return told, errToken
	}
	key, err := v.key(head.Kid)
	if err != nil {
		return told, err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return told, errToken
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, digest[:], r, s) || decoded(parts[1], &told) != nil {
		return told, errToken
	}
	return told, nil
}

func decoded(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func (v *verifier) key(id string) (*ecdsa.PublicKey, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.keys == nil {
		keys, err := fetched(v.address)
		if err != nil {
			return nil, err
		}
		v.keys = keys
	}
	if key, known := v.keys[id]; known {
		return key, nil
	}
	return nil, errToken
}

func fetched(address string) (map[string]*ecdsa.PublicKey, error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var set struct {
		Keys []struct{ Kty, Crv, Kid, X, Y string }
	}
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		return nil, fmt.Errorf("the keys at %s cannot be read: %w", address, err)
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, key := range set.Keys {
		x, wrongX := base64.RawURLEncoding.DecodeString(key.X)
		y, wrongY := base64.RawURLEncoding.DecodeString(key.Y)
		if key.Kty != "EC" || key.Crv != "P-256" || wrongX != nil || wrongY != nil {
			continue
		}
		point := &ecdsa.PublicKey{
			Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y),
		}
		if point.Curve.IsOnCurve(point.X, point.Y) {
			keys[key.Kid] = point
		}
	}
	return keys, nil
}
