package voxsim

// SmallCompany returns the company of tests, gallery, screenshots and documentation: a call centre with 40 subusers and
// 12 keys that use all roles of the catalogue. It has several Owners, direct and inherited roles, keys that belong to
// subusers, subusers and a key without roles, and names in several scripts. It is always the same.
func SmallCompany() Company {
	return Company{
		AccountID:    3456750,
		AccountName:  "linkova-sluzba",
		AccountEmail: "provoz@linkova-sluzba.example",
		Created:      "2020-08-07 12:00:53",
		Subusers:     smallSubusers(),
		Keys:         smallKeys(),
		Children:     smallChildren(),
	}
}

// smallChildren returns child accounts: one with people and a key of its own, one that is frozen, one that was never
// activated.
func smallChildren() []Company {
	return []Company{
		{
			AccountID:    3456801,
			AccountName:  "linkova-sluzba-brno",
			AccountEmail: "brno@linkova-sluzba.example",
			Created:      "2022-03-01 09:15:00",
			Subusers: []Subuser{
				{Login: "anna_novakova", Description: "Anna Nováková, head of operations", Roles: []string{"Owner"}},
				{Login: "brno_lead", Description: "Shift lead in Brno", Roles: []string{"Supervisor"}},
			},
			Keys: []Key{{
				ID:          "4a5b6c7d-8e9f-4a0b-9c1d-2e3f4a5b6c13",
				Name:        "Brno CRM",
				Description: "Starts calls from the CRM in Brno",
				Roles:       []string{"Scenarios"},
			}},
		},
		{
			AccountID:    3456802,
			AccountName:  "linkova-sluzba-archiv",
			AccountEmail: "archiv@linkova-sluzba.example",
			Created:      "2021-11-20 16:40:12",
			Frozen:       true,
		},
		{
			AccountID:    3456803,
			AccountName:  "linkova-sluzba-test",
			AccountEmail: "test@linkova-sluzba.example",
			Created:      "2026-05-04 08:00:00",
			Inactive:     true,
		},
	}
}

func smallSubusers() []Subuser {
	return []Subuser{
		{Login: "anna_novakova", Description: "Anna Nováková, head of operations", Roles: []string{"Owner"}},
		{Login: "jiri_dvorak", Description: "Jiří Dvořák, telephony lead", Roles: []string{"Owner", "Developer"}},
		{Login: "marie_svobodova", Description: "Marie Svobodová, deputy for Anna", Roles: []string{"Owner", "Support"}},
		{Login: "tomas_cerny", Description: "Tomáš Černý, IT on duty", Roles: []string{"Admin"}},
		{
			Login:       "lucie_prochazka",
			Description: "Lucie Procházková, IT on duty",
			Roles:       []string{"Admin", "PhoneNumberManager"},
		},
		{Login: "petr_kucera", Description: "Petr Kučera, IVR scenarios", Roles: []string{"Developer"}},
		{
			Login:       "katerina_vesela",
			Description: "Kateřina Veselá, integrations with the CRM",
			Roles:       []string{"Developer", "Scenarios"},
		},
		{Login: "ondrej_horak", Description: "Ondřej Horák, speech recognition", Roles: []string{"Developer", "CallHistory"}},
		{Login: "zuzana_nemcova", Description: "Zuzana Němcová, shift lead (morning)", Roles: []string{"Supervisor"}},
		{Login: "martin_marek", Description: "Martin Marek, shift lead (evening)", Roles: []string{"Supervisor"}},
		{
			Login:       "eva_pospisilova",
			Description: "Eva Pospíšilová, shift lead (night)",
			Roles:       []string{"Supervisor", "ACDStats"},
		},
		{Login: "jakub_hajek", Description: "Jakub Hájek, quality monitoring", Roles: []string{"Supervisor", "CallHistory"}},
		{Login: "lenka_jelinkova", Description: "Lenka Jelínková, queues and skills", Roles: []string{"ACDManager"}},
		{Login: "vojtech_kral", Description: "Vojtěch Král, queue planning", Roles: []string{"ACDManager", "ACDStats"}},
		{Login: "hana_ruzickova", Description: "Hana Růžičková, workforce statistics", Roles: []string{"ACDStats"}},
		{Login: "filip_benes", Description: "Filip Beneš, skill routing", Roles: []string{"ACDManagement"}},
		{Login: "tereza_fialova", Description: "Tereza Fialová, outbound campaigns", Roles: []string{"CallListManager"}},
		{
			Login:       "david_sedlak",
			Description: "David Sedlák, outbound campaigns",
			Roles:       []string{"CallListManager", "Support"},
		},
		{
			Login:       "barbora_dolezal",
			Description: "Barbora Doležalová, campaign texts and SMS",
			Roles:       []string{"CallListManager", "CallsSMS"},
		},
		{Login: "michal_zeman", Description: "Michal Zeman, agent accounts", Roles: []string{"UserManager"}},
		{
			Login:       "veronika_kolar",
			Description: "Veronika Kolářová, agent accounts",
			Roles:       []string{"UserManager", "UserRead"},
		},
		{Login: "adam_navratil", Description: "Adam Navrátil, onboarding", Roles: []string{"UserRead", "UserUpdate"}},
		{Login: "klara_cermakova", Description: "Klára Čermáková, onboarding (read only)", Roles: []string{"UserRead"}},
		{Login: "radek_vanek", Description: "Radek Vaněk, chief accountant", Roles: []string{"Accountant"}},
		{Login: "simona_blazkova", Description: "Simona Blažková, invoices", Roles: []string{"Accountant", "Payer"}},
		{Login: "stepan_kriz", Description: "Štěpán Kříž, top-ups by card", Roles: []string{"Payer"}},
		{
			Login:       "ivana_sykorova",
			Description: "Ivana Sýkorová, top-ups without verification",
			Roles:       []string{"PayerNoVerify"},
		},
		{Login: "robert_stastny", Description: "Robert Šťastný, numbers and porting", Roles: []string{"PhoneNumberManager"}},
		{
			Login:       "monika_urbanova",
			Description: "Monika Urbanová, documents for number verification",
			Roles:       []string{"Verification", "PhoneNumberManager"},
		},
		{Login: "lukasz_wisniew", Description: "Łukasz Wiśniewski, Support PL", Roles: []string{"Support"}},
		{Login: "agnieszka_zolw", Description: "Agnieszka Żółkiewska, Support PL", Roles: []string{"Support"}},
		{Login: "jurgen_grosse", Description: "Jürgen Große, Support DE", Roles: []string{"Support"}},
		{Login: "francoise_lefev", Description: "Françoise Lefèvre, Support FR", Roles: []string{"Support"}},
		{Login: "inigo_munoz", Description: "Íñigo Muñoz, Support ES", Roles: []string{"Support", "CallHistory"}},
		{Login: "soren_oestergaard", Description: "Søren Østergård, Support DK", Roles: []string{"Support"}},
		{Login: "olena_shevchenko", Description: "Олена Шевченко, Support UA", Roles: []string{"Support"}},
		{Login: "gizem_yilmaz", Description: "Gizem Yılmaz, Support TR", Roles: []string{"Support"}},
		{
			Login:       "external_audit",
			Description: "External auditor; <until 31 December & no longer>",
			Roles:       []string{"CallHistory", "Accountant"},
		},
		{Login: "trainee_01", Description: "Trainee, waits for a role"},
		{Login: "trainee_02", Description: ""},
	}
}

func smallKeys() []Key {
	return []Key{
		{
			ID:          "7b6f2d0c-54d5-4a53-9f0e-2f6a3f1c0b01",
			Name:        "Access console",
			Description: "Used by the access console",
			Roles:       []string{"Owner"},
		},
		{
			ID:          "0d9a4a5e-6f0b-4c8e-8a57-51c1a2b7d402",
			Name:        "CRM integration",
			Description: "Starts calls from the CRM",
			Roles:       []string{"Scenarios", "CallsSMS"},
		},
		{
			ID:          "c3f3f5a0-1f0e-49e6-b7a5-0f1a8f2b9e03",
			Name:        "Data warehouse",
			Description: "Nightly export of call history",
			Roles:       []string{"CallHistory", "ACDStats"},
		},
		{
			ID:          "5e8c1b7a-92d4-4a1e-9d3c-7c5f6e4d3b04",
			Name:        "Billing sync",
			Description: "Účetní systém: transactions into accounting",
			Roles:       []string{"Accountant"},
		},
		{
			ID:          "a1b2c3d4-0a5b-4f6c-8d7e-9f0a1b2c3d05",
			Name:        "Campaign loader",
			Description: "Uploads call lists every morning",
			Roles:       []string{"CallListManager"},
		},
		{
			ID:          "f0e1d2c3-b4a5-4968-8778-695a4b3c2d06",
			Name:        "Agent provisioning",
			Description: "Creates agents from the HR system",
			Roles:       []string{"UserManager"},
		},
		{
			ID:          "19283746-5564-4738-9201-0f1e2d3c4b07",
			Name:        "Number reports",
			Description: "Monthly report of phone numbers",
			Roles:       []string{"PhoneNumberManager", "Verification"},
		},
		{
			ID:          "6a7b8c9d-0e1f-4a2b-b3c4-d5e6f7a8b908",
			Name:        "Jiří's laptop",
			Description: "Deploys scenarios by hand",
			Subuser:     "jiri_dvorak",
			Roles:       []string{"Owner", "Developer"},
		},
		{
			ID:          "2c4e6a8b-1d3f-4b5d-a7c9-e1f3a5b7c909",
			Name:        "CI deploy",
			Description: "Deploys scenarios from the pipeline",
			Subuser:     "petr_kucera",
			Roles:       []string{"Developer"},
		},
		{
			ID:          "8f7e6d5c-4b3a-4291-9807-f6e5d4c3b210",
			Name:        "Queue dashboard",
			Description: "Wall screen in the call centre",
			Subuser:     "lenka_jelinkova",
			Roles:       []string{"ACDManager"},
		},
		{
			ID:          "3d5f7b9d-2c4e-4f6a-8b0d-1f3e5d7c9b11",
			Name:        "On-call runbook",
			Description: "Restarts queues at night",
			Subuser:     "tomas_cerny",
			Roles:       []string{"Admin", "Supervisor", "Payer", "PayerNoVerify"},
		},
		{ID: "b5d7f9a1-c3e5-4a79-9bd1-e3f5a7c9db12", Name: "Unused", Description: "", Roles: nil},
	}
}
