# Who may start runbooks, and begin, do, leave out and end what stands in them.
#
# Obligations, as in incident_authz.rego: what is absent or malformed meets nothing. Whose turn a step is, and whether
# its state allows it, is the domain's question; this is its second lock on what is dangerous.
package runbook.execute

import rego.v1

# What anybody in the tenant may see, auditors too; sharing an incident gives sight of its executions.
reads := {"execution.view", "execution.list"}

# The actions by the least role that may do them.
rights := {
	"viewer": reads,
	"responder": {
		"runbook.execute", "step.complete", "step.choose", "step.skip", "step.retry", "execution.abort", "execution.fail",
	},
	"service": {"step.begin", "step.record", "execution.resume"},
}

rank := {"viewer": 1, "responder": 2, "commander": 3, "admin": 4}

ladder := {"viewer", "responder", "commander", "admin", "auditor"}

roles := {"user": ladder, "tooling": ladder, "service": {"service"}}

# The kinds of record that an action works on, by the first half of its name.
kinds := {"runbook": {"runbook"}, "execution": {"execution"}, "step": {"execution"}}

common := {"action", "actor", "resource", "stage", "tenant", "role", "clearance"}

# What stands before the action of every step; one that is not of high risk meets the last three as it is.
guard := {"risk", "granted", "bound", "separate"}

extras := {
	"runbook.execute": {"published"},
	"step.begin": guard | {"unexpired"},
	"step.complete": guard | {"evidence"},
	"step.choose": guard,
	"step.skip": {"rationale"},
	"execution.abort": {"rationale"},
	"execution.fail": {"rationale"},
}

# What an approval of a step names, and must name as the step does.
bindings := {"tenant", "incident", "execution", "step", "spec_hash", "inputs_hash"}

least := role if {
	some role, actions in rights
	input.action in actions
}

default home := {"home"}

home := set() if input.action in reads

default extra := set()

extra := extras[input.action]

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
	least == "service"
	input.actor.role == "service"
}

ok contains "role" if {
	input.actor.role == "auditor"
	input.action in reads
}

ok contains "clearance" if {
	is_whole(input.actor.clearance, 100)
	is_whole(input.resource.required_clearance, 100)
	input.actor.clearance >= input.resource.required_clearance
}

ok contains "clearance" if {
	input.actor.role == "auditor"
	input.action in reads
}

ok contains "published" if input.resource.status == "published"

ok contains "rationale" if is_word(input.request.rationale)

ok contains "risk" if input.resource.step.risk == "low"

# Whoever does what changes something is a responder at least, or the machine that was told to.
ok contains "risk" if {
	input.resource.step.risk in {"medium", "high"}
	rank[input.actor.role] >= rank.responder
}

ok contains "risk" if {
	input.resource.step.risk in {"medium", "high"}
	input.actor.role == "service"
}

# What needs no approval. A risk that nobody has said is not among these.
harmless if input.resource.step.risk in {"low", "medium"}

ok contains "granted" if harmless

ok contains "granted" if input.resource.approval.state == "granted"

# Somebody went ahead without the quorum, and said why.
overridden if {
	input.resource.approval.state == "overridden"
	is_word(input.resource.approval.overridden_by)
	is_word(input.resource.approval.overridden_because)
}

ok contains "granted" if overridden

ok contains "bound" if harmless

ok contains "bound" if {
	input.resource.step.tenant == input.resource.home
	is_whole(input.resource.approval.attempt, 1000)
	input.resource.approval.attempt == input.resource.step.attempt
	matched == bindings
}

matched contains name if {
	some name in bindings
	is_word(input.resource.approval[name])
	input.resource.approval[name] == input.resource.step[name]
}

ok contains "separate" if harmless

# Enough people agreed, and all who did have no part in the step. Rego orders types: only a number is between two.
ok contains "separate" if {
	input.resource.approval.need >= 1
	count(free) >= input.resource.approval.need
	count(free) == input.resource.approval.agreed
}

ok contains "separate" if overridden

free contains person if {
	some person, standing in input.resource.approval.granted_by
	is_word(person)
	standing == "free"
}

ok contains "unexpired" if harmless

# Seconds since 1970, up to the end of the year 9999.
ok contains "unexpired" if {
	is_whole(input.request.now, 253402300799)
	is_whole(input.resource.approval.expires_at, 253402300799)
	input.request.now < input.resource.approval.expires_at
}

ok contains "evidence" if input.resource.step.evidence_required == false

ok contains "evidence" if is_word(input.request.evidence_ref)

# What failed may have left nothing to show.
ok contains "evidence" if input.request.outcome == "failed"
