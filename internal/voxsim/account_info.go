package voxsim

// accountInfo has the fields of the published example of GetAccountInfo, and callback_salt, which is as sensitive as
// mobile_phone. api_key is sent for child accounts only: GetAccountInfo omits it for callers that sign in with a token.
type accountInfo struct {
	AccountID           int64         `json:"account_id"`
	AccountName         string        `json:"account_name"`
	AccountEmail        string        `json:"account_email"`
	Created             string        `json:"created"`
	LanguageCode        string        `json:"language_code"`
	Location            string        `json:"location"`
	MinBalanceToNotify  float64       `json:"min_balance_to_notify"`
	AccountNotify       bool          `json:"account_notifications"`
	TariffNotify        bool          `json:"tariff_changing_notifications"`
	NewsNotify          bool          `json:"news_notifications"`
	Active              bool          `json:"active"`
	Frozen              bool          `json:"frozen"`
	Balance             float64       `json:"balance"`
	CreditLimit         float64       `json:"credit_limit"`
	Currency            string        `json:"currency"`
	SupportRobokassa    bool          `json:"support_robokassa"`
	SupportBankCard     bool          `json:"support_bank_card"`
	SupportInvoice      bool          `json:"support_invoice"`
	SendJSError         bool          `json:"send_js_error"`
	BillingLimits       billingLimits `json:"billing_limits"`
	A2PSMSEnabled       bool          `json:"a2p_sms_enabled"`
	MaxSIPRegistrations int           `json:"max_sip_registrations"`
	FixedBalance        float64       `json:"fixed_balance"`
	MoneyOnHold         float64       `json:"money_on_hold"`
	BankCardProvider    string        `json:"bank_card_provider"`
	Enabled3DS          bool          `json:"enabled_3ds"`
	RecordStorageID     int           `json:"record_storage_id"`
	MobilePhone         string        `json:"mobile_phone"`
	CallbackSalt        string        `json:"callback_salt"`
	AllowInvoice        bool          `json:"allow_invoice"`
	AutoChargeOff       bool          `json:"is_bank_card_auto_charge_prohibited"`
	TaxpayerType        string        `json:"taxpayer_type"`
	CustomPricing       bool          `json:"custom_pricing"`
	GraceCredit         float64       `json:"grace_credit"`
	RecordStorageName   string        `json:"record_storage_name"`
	CreditLimitNotify   bool          `json:"credit_limit_aware_balance_notifications"`
	LiveBalance         *float64      `json:"live_balance,omitempty"`
	APIKey              string        `json:"api_key,omitempty"`
	Extra               *extra        `json:"x_sim_extra,omitempty"`
}

type billingLimits struct {
	BankCard billingLimit `json:"bank_card"`
	Invoice  billingLimit `json:"invoice"`
}

type billingLimit struct {
	MinAmount     float64 `json:"min_amount"`
	Currency      string  `json:"currency"`
	MaxDayPayment float64 `json:"max_day_payment,omitempty"`
}

// accountLocation is the account's time zone.
const accountLocation = "Europe/Prague"

// getAccountInfo handles GetAccountInfo. The preferred hosts in the response are the simulator's own, so that a client
// that follows them does not leave the simulator.
func getAccountInfo(x *invocation) (successBody, *Refusal) {
	live, refusal := x.flag("return_live_balance", true)
	if refusal != nil {
		return successBody{}, refusal
	}
	a := x.success(x.accountInfo(x.account, live))
	a.APIAddress, a.DebuggerAddress = x.host, x.host
	return a, nil
}

// accountInfo returns the facts of an account. Balances and limits are sample data.
func (x *invocation) accountInfo(a *account, live bool) accountInfo {
	info := accountInfo{
		AccountID:          a.id,
		AccountName:        a.name,
		AccountEmail:       a.email,
		Created:            a.created,
		LanguageCode:       "en",
		Location:           accountLocation,
		MinBalanceToNotify: 300,
		AccountNotify:      true,
		TariffNotify:       true,
		NewsNotify:         true,
		Active:             !a.inactive,
		Frozen:             a.frozen,
		Balance:            19772.35,
		Currency:           "EUR",
		SupportBankCard:    true,
		SupportInvoice:     true,
		BillingLimits: billingLimits{
			BankCard: billingLimit{MinAmount: 500, Currency: "EUR", MaxDayPayment: 7642.17},
			Invoice:  billingLimit{MinAmount: 1000, Currency: "EUR"},
		},
		FixedBalance:      20169.93,
		MoneyOnHold:       397.58,
		BankCardProvider:  "SAMPLE",
		Enabled3DS:        true,
		RecordStorageID:   125,
		MobilePhone:       "+420-555-010-199",
		CallbackSalt:      "sample-salt-not-for-browsers",
		AllowInvoice:      true,
		AutoChargeOff:     true,
		TaxpayerType:      "default",
		RecordStorageName: "call-recordings",
		Extra:             x.variants.extra(),
	}
	if live {
		info.LiveBalance = new(19772.35)
	}
	return info
}
