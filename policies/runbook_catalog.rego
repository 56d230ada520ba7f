# Who may read, write, publish and review runbooks.
#
# Obligations, as in incident_authz.rego: what is absent or malformed meets nothing.
package runbook.catalog

import rego.v1

# What anybody in the tenant may see, auditors too. What is overdue for review is part of the list.
reads := {"runbook.view", "runbook.list"}

# The actions by the least role that may do them.
rights := {
	"viewer": reads,
	"responder": {"runbook.create", "runbook.update", "runbook.delete"},
	"commander": {"runbook.publish", "runbook.review"},
}

rank := {"viewer": 1, "responder": 2, "commander": 3, "admin": 4}

ladder := {"viewer", "responder", "commander", "admin", "auditor"}

common := {"action", "actor", "resource", "stage", "tenant", "home", "role", "clearance"}

# A version that is published never changes. Two people stand behind what is dangerous.
extras := {
	"runbook.update": {"draft"},
	"runbook.delete": {"draft"},
	"runbook.publish": {"draft", "clean", "independent"},
	"runbook.review": {"published", "independent"},
}

least := role if {
	some role, actions in rights
	input.action in actions
}

default extra := set()

extra := extras[input.action]

required := common | extra

deny := required - ok

default allow := false

allow if count(deny) == 0

verdict := {"allow": allow, "missing": deny, "satisfied": required & ok}

# What is no text cannot be trimmed: the function is undefined, and meets nothing.
is_word(value) if trim_space(value) != ""

# Bounds alone: by the order of types no string, truth value or null lies between two numbers.
is_level(value) if {
	value >= 0
	value <= 100
	floor(value) == value
}

ok contains "action" if least

ok contains "actor" if {
	is_word(input.actor.id)
	is_boolean(input.actor.on_call)
	input.actor.kind in {"user", "tooling"}
	input.actor.role in ladder
}

ok contains "resource" if input.resource.kind == "runbook"

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

ok contains "role" if rank[input.actor.role] >= rank[least]

ok contains "role" if {
	input.actor.role == "auditor"
	input.action in reads
}

ok contains "clearance" if {
	is_level(input.actor.clearance)
	is_level(input.resource.required_clearance)
	input.actor.clearance >= input.resource.required_clearance
}

ok contains "clearance" if {
	input.actor.role == "auditor"
	input.action in reads
}

ok contains "draft" if input.resource.status == "draft"

ok contains "published" if input.resource.status == "published"

ok contains "clean" if input.resource.findings == 0

ok contains "independent" if input.resource.risk in {"low", "medium"}

# Whoever wrote or last edited what is of high risk neither publishes nor reviews it.
ok contains "independent" if {
	input.resource.risk == "high"
	input.resource.standing == "free"
}
