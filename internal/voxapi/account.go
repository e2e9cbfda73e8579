package voxapi

import (
	"context"
	"encoding/json"
	"errors"
)

// AccountInfo holds the account facts that may be shown. The response has more: balances, a phone number and, with
// other kinds of sign-in, API keys. Those are never decoded.
type AccountInfo struct {
	// ID is the account id.
	ID int64
	// Name is the account name.
	Name string
	// Email is the account holder's e-mail address.
	Email string
	// Active reports whether the account is activated; nil if the response has no such field.
	Active *bool
	// Frozen reports whether the account is frozen; nil if the response has no such field.
	Frozen *bool
	// Created is when the account was created, as the vendor writes it, without a time zone.
	Created string
	// Location is the account's time zone, such as Europe/Moscow.
	Location string
	// LanguageCode is the account's language, such as en.
	LanguageCode string
	// APIAddress is the host that the vendor prefers for this account, without a scheme; may be empty.
	APIAddress string
}

// GetAccountInfo returns the facts of the account. Any key may call it, which makes it the test of whether a key works.
//
// https://docs.voximplant.ai/api-reference/management-api/accounts/get-account-info
func (r *Reader) GetAccountInfo(ctx context.Context, account int64) (AccountInfo, error) {
	p := newParams()
	// Otherwise the vendor computes a live balance, which is not used.
	p.text("return_live_balance", "false")
	var info AccountInfo
	err := r.read(ctx, account, "GetAccountInfo", p, func(a envelope) (err error) {
		info, err = decodeAccountInfo(a)
		return err
	})
	return info, err
}

func decodeAccountInfo(a envelope) (AccountInfo, error) {
	var wire struct {
		ID           *number `json:"account_id"`
		Name         text    `json:"account_name"`
		Email        text    `json:"account_email"`
		Active       *flag   `json:"active"`
		Frozen       *flag   `json:"frozen"`
		Created      text    `json:"created"`
		Location     text    `json:"location"`
		LanguageCode text    `json:"language_code"`
	}
	if json.Unmarshal(a.result(), &wire) != nil {
		return AccountInfo{}, errors.New("the result is not the documented object")
	}
	id, err := requiredID(wire.ID, "an account without account_id")
	if err != nil {
		return AccountInfo{}, err
	}
	return AccountInfo{
		ID:           id,
		Name:         string(wire.Name),
		Email:        string(wire.Email),
		Active:       wire.Active.pointer(),
		Frozen:       wire.Frozen.pointer(),
		Created:      string(wire.Created),
		Location:     string(wire.Location),
		LanguageCode: string(wire.LanguageCode),
		APIAddress:   apiAddress(a),
	}, nil
}

// apiAddress returns the field api_address, which is beside the result. It is a hint, so an invalid value counts as
// empty.
func apiAddress(a envelope) string {
	var address text
	if raw := a["api_address"]; raw == nil || json.Unmarshal(raw, &address) != nil {
		return ""
	}
	return string(address)
}
