# Who may read a timeline: whoever may see its incident.
#
# Obligations, as in incident_authz.rego: what is absent or malformed meets nothing.
package timeline.view

import rego.v1

required := {"action", "actor", "resource", "stage", "tenant", "role", "clearance"}

deny := required - ok

default allow := false

allow if count(deny) == 0

verdict := {"allow": allow, "missing": deny, "satisfied": required & ok}

readers := {"viewer", "responder", "commander", "admin", "auditor"}

# What is no text cannot be trimmed: the function is undefined, and meets nothing.
is_word(value) if trim_space(value) != ""

# Bounds alone: by the order of types no string, truth value or null lies between two numbers.
is_level(value) if {
	value >= 0
	value <= 100
	floor(value) == value
}

ok contains "action" if input.action == "timeline.view"

ok contains "actor" if {
	is_word(input.actor.id)
	is_boolean(input.actor.on_call)
	input.actor.kind in {"user", "tooling"}
}

ok contains "resource" if input.resource.kind == "timeline"

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

ok contains "role" if input.actor.role in readers

ok contains "clearance" if {
	is_level(input.actor.clearance)
	is_level(input.resource.required_clearance)
	input.actor.clearance >= input.resource.required_clearance
}

ok contains "clearance" if input.actor.role == "auditor"
