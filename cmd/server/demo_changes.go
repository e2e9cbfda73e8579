package main

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// staff are the operators of the history.
type staff struct{ helena, marek, ivana, ondrej, nikola, ruzicka person }

func newStaff() staff {
	return staff{
		helena:  person{"helena.krejci", "Helena Krejčí", policy.Admin, "10.20.4.17"},
		marek:   person{"marek.dolezel", "Marek Doležel", policy.Admin, "10.20.4.31"},
		ivana:   person{"ivana.mala", "Ivana Malá", policy.Editor, "10.20.6.102"},
		ondrej:  person{"ondrej.simek", "Ondřej Šimek", policy.Editor, "10.20.6.77"},
		nikola:  person{"nikola.bartos", "Nikola Bartoš", policy.Viewer, "10.20.8.5"},
		ruzicka: person{"pavel.ruzicka", "Pavel Růžička", policy.Auditor, "10.20.2.9"},
	}
}

// write makes the changes of three months, the oldest first.
func (h *history) write() {
	h.firstMonth()
	h.secondMonth()
	h.thirdMonth()
	h.lastDays()
}

func (h *history) firstMonth() {
	h.on(92, 8, 41, h.helena, "").read()
	h.on(92, 9, 2, h.helena, "OPS-1188 first change with the console")
	h.describe(h.subuser("trainee_02"), "Trainee, evening shift")
	h.on(91, 9, 27, h.ivana, "OPS-1190 Pavla starts at the PL desk")
	h.createSubuser("pavla_hruskova", "Pavla Hrušková, Support PL", "Support")
	h.on(91, 13, 5, h.ivana, "OPS-1191 Milan starts at the DE desk")
	h.createSubuser("milan_kopecky", "Milan Kopecký, Support DE", "Support")
	h.on(88, 10, 14, h.marek, "OPS-1195 call history for quality monitoring")
	h.changeRoles(audit.Applied, h.subuser("jurgen_grosse"), []string{"CallHistory"}, nil)
	h.on(87, 8, 52, h.ondrej, "OPS-1197 trainee has passed the exam")
	h.changeRoles(audit.Applied, h.subuser("trainee_01"), []string{"Support"}, nil)
	h.on(87, 8, 58, h.ondrej, "OPS-1197")
	h.describe(h.subuser("trainee_01"), "Aleš Kadlec, Support CZ (was a trainee)")
	h.on(85, 14, 36, h.helena, "SEC-204 key for the chatbot pilot")
	h.createKey("Chatbot pilot", "", "Scenarios")
	h.on(84, 9, 11, h.ivana, "OPS-1203 campaign team grows")
	h.createSubuser("renata_blahova", "Renata Bláhová, outbound campaigns", "CallListManager")
	h.on(84, 9, 48, h.nikola, "")
	h.denied(policy.SubusersCreate, "GET /subusers/new")
	h.on(81, 11, 20, h.marek, "OPS-1206 shift lead on leave, deputy needs queues")
	h.changeRoles(audit.Applied, h.subuser("vojtech_kral"), []string{"Supervisor"}, nil)
	h.on(79, 10, 33, h.marek, "SEC-207 Jiří no longer develops")
	h.changeRoles(audit.Refused, h.subuser("jiri_dvorak"), nil, []string{"Developer"})
	h.on(78, 15, 2, h.ondrej, "OPS-1211 numbers for Poland")
	h.createSubuser("bartosz_nowak", "Bartosz Nowak, numbers and porting PL", "PhoneNumberManager")
	h.on(77, 9, 4, h.ruzicka, "")
	h.exported("subusers", 44)
	h.on(74, 16, 9, h.ivana, "OPS-1214 leave of absence")
	h.changeRoles(audit.Applied, h.subuser("francoise_lefev"), nil, []string{"Support"})
	h.on(72, 8, 45, h.helena, "OPS-1217 nightly export of recordings")
	h.createKey("Recording archive", "Copies recordings to the archive every night", "CallHistory")
	h.on(71, 13, 27, h.marek, "OPS-1206 shift lead is back")
	h.changeRoles(audit.Applied, h.subuser("vojtech_kral"), nil, []string{"Supervisor"})
	h.on(70, 10, 52, h.ivana, "OPS-1220 new colleague, accounting")
	h.createSubuser("dana_kolarikova", "Dana Kolaříková, invoices", "Accountant")
	h.on(66, 9, 36, h.ondrej, "OPS-1224 typo in the name")
	h.describe(h.subuser("pavla_hruskova"), "Pavla Hrušková, Support PL (mornings)")
}

func (h *history) secondMonth() {
	h.on(64, 9, 15, h.ivana, "OPS-1231 five people for the Christmas season")
	h.importFile("login;description;roles\n" +
		"sezona_adamova;Jitka Adamová, seasonal;Support\n" +
		"sezona_beran;Karel Beran, seasonal;Support\n" +
		"sezona_cizek;Lubor Čížek, seasonal;Support\n" +
		"sezona_duskova;Alena Dušková, seasonal;Support\n" +
		"sezona_ernest;Ernest Vlk, seasonal;Support\n")
	h.on(63, 10, 8, h.ivana, "OPS-1231 shift lead of the seasonal team")
	h.changeRoles(audit.Applied, h.subuser("sezona_adamova"), []string{"Supervisor"}, nil)
	h.on(60, 14, 41, h.marek, "SEC-211 password seen in a screenshot")
	h.changePassword(audit.Applied, h.subuser("simona_blazkova"))
	h.on(59, 9, 22, h.helena, "OPS-1236 Françoise is back")
	h.changeRoles(audit.Applied, h.subuser("francoise_lefev"), []string{"Support"}, nil)
	h.on(57, 11, 55, h.ondrej, "OPS-1239 texts of the autumn campaign")
	h.changeRoles(audit.Applied, h.subuser("renata_blahova"), []string{"CallsSMS"}, nil)
	h.on(56, 15, 38, h.helena, "SEC-213 the dashboard moves to the data warehouse")
	h.changeRoles(audit.Applied, h.key("Data warehouse"), []string{"ACDManagement"}, nil)
	h.on(53, 8, 57, h.marek, "OPS-1244 Radek forgot his password")
	h.reissuePartly(h.subuser("radek_vanek"))
	h.at(h.clock.now().Add(9*time.Minute), h.marek, "OPS-1244 second attempt")
	h.finish("radek_vanek", "Radek Vaněk, chief accountant", "Accountant")
	h.on(52, 10, 19, h.ivana, "OPS-1246 agent accounts for the seasonal team")
	h.changeRoles(audit.Applied, h.subuser("adam_navratil"), []string{"UserManager"}, []string{"UserUpdate"})
	h.on(50, 13, 12, h.nikola, "")
	h.exported("roles", 48)
	h.on(49, 9, 31, h.ivana, "OPS-1249 the quality team reads call history")
	h.bulkRoles("CallHistory", "lukasz_wisniew", "agnieszka_zolw", "soren_oestergaard", "olena_shevchenko",
		"gizem_yilmaz", "pavla_hruskova")
	h.on(46, 14, 4, h.helena, "SEC-217 lead of queues leaves the company")
	h.delete(h.subuser("lenka_jelinkova"))
	h.on(46, 14, 20, h.helena, "").read()
	h.on(45, 9, 48, h.marek, "OPS-1253 queue planning takes over")
	h.changeRoles(audit.Applied, h.subuser("filip_benes"), []string{"ACDManager"}, nil)
	h.on(43, 10, 26, h.ondrej, "OPS-1255 Support in Spanish, second person")
	h.createSubuser("carmen_ortega", "Carmen Ortega, Support ES", "Support")
	h.on(39, 11, 3, h.helena, "SEC-220 pilot ended")
	h.changeRoles(audit.Applied, h.key("Chatbot pilot"), nil, []string{"Scenarios"})
	h.on(37, 15, 51, h.marek, "OPS-1262 lost connection while resetting")
	h.changePassword(audit.Unknown, h.subuser("martin_marek"), voxsim.CommitThenReset)
	h.at(h.clock.now().Add(26*time.Minute), h.helena, "Martin signed in with the new password")
	h.resolve(audit.Applied)
	h.on(36, 9, 9, h.ruzicka, "")
	h.exported("record", 39)
}

func (h *history) thirdMonth() {
	h.on(32, 9, 40, h.ivana, "OPS-1270 night shift needs statistics")
	h.changeRoles(audit.Applied, h.subuser("carmen_ortega"), []string{"ACDStats"}, nil)
	h.on(31, 10, 2, h.helena, "SEC-224 deputy for the IT on duty")
	h.changeRoles(audit.Applied, h.subuser("katerina_vesela"), []string{"Admin"}, nil)
	h.on(29, 8, 49, h.ondrej, "OPS-1273 Lukas starts at the DE desk")
	h.createSubuser("lukas_brandt", "Lukas Brandt, Support DE", "Support")
	h.on(28, 13, 33, h.marek, "OPS-1275 key for the new CRM")
	h.createKey("CRM (new)", "Starts calls from the new CRM, in test until January", "Scenarios", "CallsSMS")
	h.on(26, 9, 17, h.ivana, "OPS-1278 moves to the back office")
	h.changeRoles(audit.Applied, h.subuser("inigo_munoz"), []string{"Verification"}, []string{"Support"})
	h.on(25, 14, 28, h.ivana, "OPS-1279 documents of the Polish numbers")
	h.changeRoles(audit.Applied, h.subuser("bartosz_nowak"), []string{"Verification"}, nil)
	h.on(24, 10, 44, h.helena, "SEC-224 deputy no longer needed")
	h.changeRoles(audit.Applied, h.subuser("katerina_vesela"), nil, []string{"Admin"})
	h.on(22, 9, 3, h.nikola, "")
	h.denied(policy.KeysCreate, "GET /keys/new")
	h.on(21, 11, 36, h.ondrej, "OPS-1284 seasonal colleague does not start")
	h.delete(h.subuser("sezona_ernest"))
	h.on(19, 15, 7, h.marek, "OPS-1286 the old campaign loader is replaced")
	h.createKey("Campaign loader 2", "Uploads call lists every morning", "CallListManager")
	h.on(18, 8, 55, h.marek, "OPS-1286")
	h.changeRoles(audit.Applied, h.key("Campaign loader"), nil, []string{"CallListManager"})
	h.on(17, 13, 49, h.ivana, "OPS-1288 second accountant for year-end")
	h.changeRoles(audit.Applied, h.subuser("dana_kolarikova"), []string{"Payer"}, nil)
	h.on(15, 9, 25, h.helena, "SEC-229 yearly review of keys")
	h.describe(h.key("Billing sync"), "Účetní systém: transactions into accounting; contact Dana Kolaříková")
	h.on(15, 9, 58, h.helena, "SEC-229 unused since spring")
	h.changeRoles(audit.Applied, h.key("Number reports"), nil, []string{"Verification"})
	h.on(14, 10, 21, h.ondrej, "OPS-1293 new trainee")
	h.createSubuser("trainee_03", "")
	h.on(11, 14, 12, h.ivana, "OPS-1297 campaign handed over")
	h.changeRoles(audit.Applied, h.subuser("david_sedlak"), nil, []string{"Support"})
	h.on(10, 9, 35, h.marek, "OPS-1299 speech recognition for the night shift")
	h.changeRoles(audit.Applied, h.subuser("eva_pospisilova"), []string{"CallHistory"}, nil)
}

func (h *history) lastDays() {
	h.on(8, 10, 10, h.ivana, "OPS-1303 leaves for the Brno office")
	h.delete(h.subuser("milan_kopecky"))
	h.on(7, 9, 19, h.helena, "SEC-233 console for the on-call team")
	h.changeRoles(audit.Applied, h.key("On-call runbook"), nil, []string{"PayerNoVerify"})
	h.on(6, 13, 44, h.ondrej, "OPS-1306 statistics for the campaign team")
	h.changeRoles(audit.Applied, h.subuser("tereza_fialova"), []string{"ACDStats"}, nil)
	h.on(5, 11, 28, h.ruzicka, "")
	h.exported("keys", 15)
	h.on(4, 15, 16, h.ivana, "OPS-1309 two languages on the desk")
	h.describe(h.subuser("lukas_brandt"), "Lukas Brandt, Support DE and EN")
	h.on(1, 8, 20, h.helena, "").read()
	h.external(h.subuser("zuzana_nemcova"), "UserManager")
	h.on(1, 9, 10, h.helena, "").read()
	h.on(1, 13, 52, h.ondrej, "OPS-1312 trainee has passed the exam")
	h.changeRoles(audit.Applied, h.subuser("trainee_03"), []string{"Support"}, nil)
	h.on(0, 8, 36, h.ivana, "OPS-1313 evening shift needs the queues")
	h.changeRoles(audit.Applied, h.subuser("hana_ruzickova"), []string{"Supervisor"}, nil)
	h.on(0, 9, 14, h.marek, "OPS-1314 quality monitoring is locked out")
	h.changePassword(audit.Unknown, h.subuser("jakub_hajek"), voxsim.CommitThenReset)
	h.on(0, 9, 41, h.ivana, "OPS-1315 Support in Turkish, second person")
	h.createSubuser("deniz_aydin", "Deniz Aydın, Support TR", "Support")
	h.on(0, 9, 47, h.helena, "").read()
}
