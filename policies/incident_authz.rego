# Who may do what to incidents, environments, approvals, plans, profiles and integrations.
#
# Rules state obligations that must be met, never reasons to refuse: an attribute that is absent, null or of the
# wrong type meets nothing, and so cannot open a door. `required` is always defined, and `deny` is what is left of it.
# The texts of the codes live in the program. Whether a status may follow another is the domain's question.
package incident.authz

import rego.v1

# What anybody in the tenant may see, auditors too.
reads := {
	"incident.view", "incident.list", "environment.view", "approval.view", "plan.view", "profile.view",
	"integration.view",
}

# What auditors may do: see everything, and take it with them.
audits := reads | {"incident.export"}

# On the list of an approval even a viewer decides.
viewing := reads | {"approval.decide"}

# The actions by the least role that may do them.
rights := {
	"viewer": viewing,
	"responder": {
		"incident.create", "incident.note", "incident.update", "incident.owner", "incident.root_cause",
		"incident.transition", "incident.escalate",
		"environment.create", "environment.launch", "environment.connect", "environment.stop",
		"approval.request",
	},
	"commander": {
		"incident.role", "incident.severity", "incident.share", "incident.export",
		"environment.close", "environment.extend",
		"approval.revoke", "approval.override", "approval.review",
	},
	"admin": {"environment.waive", "plan.put", "profile.put", "integration.put"},
	"service": {
		"phase.create", "phase.launch", "phase.observe", "phase.stop", "phase.close", "phase.approve", "phase.sweep",
		"phase.checkpoint", "phase.publish",
		"alarm.open",
	},
}

# What a responder may do while on call, as if a commander: nobody else may be awake.
on_call := {"incident.role", "incident.severity", "environment.close", "environment.extend", "approval.override"}

# What needs no membership of the record's home: sharing an incident gives sight of it and a voice in it.
shared := viewing | {"incident.note"}

rank := {"viewer": 1, "responder": 2, "commander": 3, "admin": 4}

ladder := {"viewer", "responder", "commander", "admin", "auditor"}

roles := {"user": ladder, "tooling": ladder, "service": {"service"}}

# The kinds of record that an action works on, by the first half of its name.
kinds := {
	"incident": {"incident"},
	"environment": {"environment"},
	"approval": {"approval"},
	"plan": {"plan"},
	"profile": {"profile"},
	"integration": {"integration"},
	"phase": {"environment", "approval", "incident"},
	"alarm": {"incident"},
}

severities := {"low", "medium", "high", "critical"}

statuses := {"new", "acknowledged", "mitigating", "monitoring", "resolved", "closed"}

# The steps that explain themselves; every other one is a skip.
plain_steps := {
	"new": {"acknowledged"},
	"acknowledged": {"mitigating"},
	"mitigating": {"monitoring"},
	"monitoring": {"resolved", "mitigating"},
	"resolved": {"closed", "mitigating"},
}

common := {"action", "actor", "resource", "stage", "tenant", "role", "clearance"}

extras := {
	"incident.transition": {"target", "rationale"},
	"incident.severity": {"target", "rationale"},
	"environment.waive": {"rationale"},
	"approval.decide": {"person", "approver", "independent", "pending", "unexpired", "confirmed", "on_call", "hours"},
	"approval.override": {"person", "rationale", "pending", "unexpired"},
	"approval.review": {"person", "rationale", "overridden", "independent"},
}

least := role if {
	some role, actions in rights
	input.action in actions
}

default home := {"home"}

home := set() if input.action in shared

default extra := set()

extra := extras[input.action]

# What the role must reach: whoever agrees, what their level asks for; to refuse is always safe.
asked := least if input.action != "approval.decide"

asked := least if input.request.answer == "deny"

asked := input.resource.agrees_role if {
	input.action == "approval.decide"
	input.request.answer == "grant"
}

required := (common | home) | extra

deny := required - ok

default allow := false

allow if count(deny) == 0

verdict := {"allow": allow, "missing": deny, "satisfied": required & ok}

# What is no text cannot be trimmed: the function is undefined, and meets nothing.
is_word(value) if trim_space(value) != ""

# Bounds alone: by the order of types no string, truth value or null lies between two numbers.
is_whole(value, most) if {
	value >= 0
	value <= most
	floor(value) == value
}

ok contains "action" if least

ok contains "actor" if {
	is_word(input.actor.id)
	is_boolean(input.actor.on_call)
	input.actor.role in roles[input.actor.kind]
}

ok contains "resource" if {
	least
	input.resource.kind in kinds[split(input.action, ".")[0]]
}

# A credential may be limited to one deployment.
ok contains "stage" if {
	is_word(input.resource.stage)
	input.actor.stage in {"*", input.resource.stage}
}

ok contains "tenant" if {
	is_array(input.actor.tenants)
	is_array(input.resource.tenants)
	some tenant in input.actor.tenants
	is_word(tenant)
	tenant in input.resource.tenants
}

ok contains "home" if {
	is_array(input.actor.tenants)
	is_array(input.resource.tenants)
	is_word(input.resource.home)
	input.resource.home in input.actor.tenants
	input.resource.home in input.resource.tenants
}

ok contains "role" if rank[input.actor.role] >= rank[asked]

ok contains "role" if {
	least == "service"
	input.actor.role == "service"
}

ok contains "role" if {
	input.actor.role == "auditor"
	input.action in audits
}

ok contains "role" if {
	input.actor.role == "responder"
	input.actor.on_call == true
	input.action in on_call
}

# Who asked for an approval may take the question back.
ok contains "role" if {
	input.action == "approval.revoke"
	input.actor.role == "responder"
	input.actor.id == input.resource.requested_by
}

cleared(level) if {
	is_whole(input.actor.clearance, 100)
	is_whole(level, 100)
	input.actor.clearance >= level
}

ok contains "clearance" if {
	input.action != "approval.decide"
	cleared(input.resource.required_clearance)
}

# To refuse is always safe, for whoever may see the record.
ok contains "clearance" if {
	input.request.answer == "deny"
	cleared(input.resource.required_clearance)
}

# Whoever agrees has the clearance that their level asks for, too.
ok contains "clearance" if {
	input.request.answer == "grant"
	cleared(input.resource.required_clearance)
	cleared(input.resource.agrees_clearance)
}

ok contains "clearance" if {
	input.actor.role == "auditor"
	input.action in audits
}

ok contains "target" if {
	input.action == "incident.transition"
	input.resource.status in statuses
	input.request.to in statuses
}

ok contains "target" if {
	input.action == "incident.severity"
	input.resource.severity in severities
	input.request.to in severities
}

ok contains "rationale" if is_word(input.request.rationale)

ok contains "rationale" if {
	input.action == "incident.transition"
	input.request.to in plain_steps[input.resource.status]
	ends_properly
}

ends_properly if input.request.to in statuses - {"closed"}

ends_properly if input.resource.was_mitigated == true

ok contains "person" if input.actor.kind == "user"

ok contains "approver" if is_word(input.resource.approvers[input.actor.id])

ok contains "independent" if {
	input.action == "approval.decide"
	input.resource.approvers[input.actor.id] == "free"
}

# Whoever went ahead, or has a part in the step, does not review it.
ok contains "independent" if {
	input.action == "approval.review"
	input.resource.standing == "free"
}

ok contains "overridden" if input.resource.status == "overridden"

ok contains "pending" if input.resource.status == "pending"

# Seconds since 1970, up to the end of the year 9999.
ok contains "unexpired" if {
	is_whole(input.request.now, 253402300799)
	is_whole(input.resource.expires_at, 253402300799)
	input.request.now < input.resource.expires_at
}

# To refuse is always safe; to grant what is dangerous takes more than a link that may have been forwarded.
ok contains "confirmed" if input.request.answer == "deny"

ok contains "confirmed" if {
	input.request.answer == "grant"
	input.resource.risk in {"low", "medium"}
}

ok contains "confirmed" if {
	input.request.answer == "grant"
	input.resource.risk == "high"
	input.request.confirmed == true
}

# Whoever is asked by a rota agrees while it is their turn; to refuse is always safe.
ok contains "on_call" if input.request.answer == "deny"

ok contains "on_call" if input.resource.on_call_only == false

ok contains "on_call" if {
	input.resource.on_call_only == true
	input.actor.on_call == true
}

# Whoever is asked within certain hours agrees within them; to refuse is always safe.
ok contains "hours" if input.request.answer == "deny"

ok contains "hours" if {
	is_whole(input.request.now, 253402300799)
	is_whole(input.resource.agrees_from, 253402300799)
	input.request.now >= input.resource.agrees_from
}
