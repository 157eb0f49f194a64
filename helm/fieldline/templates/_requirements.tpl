{{/* Combinations that can not work end the installation with a sentence. What is wrong by itself, values.schema.json refuses. */}}
{{- define "fieldline.requirements" -}}
{{- $v := .Values -}}
{{- $kind := ternary "embedded" $v.fabric.kind (eq $v.role "demo") -}}
{{- $isOn := eq $v.access.mode "on" -}}
{{- if gt (int $v.replicas) 1 -}}
{{- if eq $kind "embedded" -}}
{{- fail "replicas: an embedded fabric is one process on one volume, so a site has exactly one replica. It comes back by itself after a failure; for a fabric that survives a node, see fabric.kind kafka." -}}
{{- end -}}
{{- fail (printf "replicas: a site has exactly one replica, also with fabric.kind %s: its services, users, sessions and audit log belong to one data directory." $kind) -}}
{{- end -}}
{{- if and (eq $v.role "edge") (not $v.site.id) -}}
{{- fail "site.id: an edge needs an id of its own, for example alpha." -}}
{{- end -}}
{{- if and (ne $v.role "edge") $v.site.id -}}
{{- fail (printf "site.id is for edges; with role %s the id is given." $v.role) -}}
{{- end -}}
{{- if and (eq $v.role "demo") (ne $v.fabric.kind "embedded") -}}
{{- fail "fabric.kind: the demo is embedded; install hq and edge for another kind." -}}
{{- end -}}
{{- if and (eq $v.site.id "hq") (eq $v.role "edge") -}}
{{- fail "site.id: hq is headquarters; an edge needs another id." -}}
{{- end -}}
{{- if not $v.persistence.enabled -}}
{{- if ne $v.role "demo" -}}
{{- fail "persistence.enabled: only the demo may do without a volume; users, the audit log and an embedded fabric's data would be lost with the pod." -}}
{{- end -}}
{{- if $v.persistence.existingClaim -}}
{{- fail "persistence.existingClaim needs persistence.enabled." -}}
{{- end -}}
{{- end -}}
{{- with $v.backup.restoreFrom -}}
{{- if not $v.backup.existingClaim }}{{ fail "backup.restoreFrom: the copy is on the volume of backup.existingClaim." }}{{ end -}}
{{- if ne $kind "embedded" }}{{ fail (printf "backup.restoreFrom: what a fabric of kind %s holds is restored where it is." $kind) }}{{ end -}}
{{- if eq $v.role "demo" }}{{ fail "backup.restoreFrom: the demo has two sites; a copy is of one." }}{{ end -}}
{{- end -}}
{{- if and (eq $v.role "edge") (ne $kind "datafabric") -}}
{{- $u := $v.upstream -}}
{{- if and $u.enrolment.existingSecret (or $u.address $u.brokers (ne $kind "embedded")) -}}
{{- fail "upstream.enrolment: it is for an embedded edge of an embedded HQ, and brings the address itself: leave upstream.address and upstream.brokers empty." -}}
{{- end -}}
{{- if and (not $u.address) (not $u.brokers) (not $u.enrolment.existingSecret) -}}
{{- fail "upstream: an edge needs HQ's address: upstream.enrolment (a token of an embedded HQ), upstream.address (host:port of its REST door), or upstream.brokers and upstream.s3 of an HQ on Kafka." -}}
{{- end -}}
{{- if and $u.address $u.brokers -}}
{{- fail "upstream: give upstream.address or upstream.brokers, not both." -}}
{{- end -}}
{{- if and (eq $kind "kafka") $u.address -}}
{{- fail "upstream.address: an edge on Kafka needs an HQ on Kafka: upstream.brokers and upstream.s3." -}}
{{- end -}}
{{- if and (eq $kind "embedded") (gt (len $u.brokers) 1) -}}
{{- fail "upstream.brokers: an embedded edge dials one broker, which tells it of the others." -}}
{{- end -}}
{{- if and $u.brokers (or (not $u.s3.endpoint) (not $u.s3.bucket) (not $u.s3.accessKeyId) (not $u.s3.existingSecret)) -}}
{{- fail "upstream.s3: endpoint, bucket, accessKeyId and existingSecret are needed with upstream.brokers." -}}
{{- end -}}
{{- include "fieldline.requireSasl" (dict "sasl" $u.sasl "name" "upstream.sasl") -}}
{{- if and $u.address $u.sasl.mechanism (not $u.tls.enabled) -}}
{{- fail "upstream.tls.enabled: an embedded HQ takes credentials over TLS only." -}}
{{- end -}}
{{- end -}}
{{- if eq $kind "kafka" -}}
{{- $k := $v.fabric.kafka -}}
{{- if not $k.brokers }}{{ fail "fabric.kafka.brokers: name at least one broker, as host:port." }}{{ end -}}
{{- include "fieldline.requireSasl" (dict "sasl" $k.sasl "name" "fabric.kafka.sasl") -}}
{{- if or (not $k.postgres.host) (not $k.postgres.existingSecret) }}{{ fail "fabric.kafka.postgres: host and existingSecret (with the password) are needed." }}{{ end -}}
{{- if or (not $k.s3.endpoint) (not $k.s3.bucket) (not $k.s3.accessKeyId) (not $k.s3.existingSecret) }}{{ fail "fabric.kafka.s3: endpoint, bucket, accessKeyId and existingSecret are needed." }}{{ end -}}
{{- if and (eq $v.role "edge") (not $k.connect.url) }}{{ fail "fabric.kafka.connect.url: an edge on Kafka needs Kafka Connect, which carries its topics to and from HQ." }}{{ end -}}
{{- if and $k.connect.username (not $k.connect.existingSecret) }}{{ fail "fabric.kafka.connect.existingSecret: a username needs a Secret with its password." }}{{ end -}}
{{- end -}}
{{- if eq $kind "datafabric" -}}
{{- $d := $v.fabric.datafabric -}}
{{- if or (not $d.cluster) (not $d.host) (not $d.username) (not $d.existingSecret) }}{{ fail "fabric.datafabric: cluster, host, username and existingSecret (with the password) are needed." }}{{ end -}}
{{- if and (eq $v.role "edge") (or (not $d.upstream.cluster) (not $d.upstream.gateways)) }}{{ fail "fabric.datafabric.upstream: an edge on a cluster needs HQ's cluster and its gateways." }}{{ end -}}
{{- end -}}
{{- if $v.doors.enabled -}}
{{- if or (ne $v.role "hq") (ne $kind "embedded") }}{{ fail "doors.enabled: only an embedded HQ has doors for edges; edges dial, and HQ's on Kafka are its brokers." }}{{ end -}}
{{- if not $isOn }}{{ fail "doors.enabled: doors are opened to others with access.mode on only; edges' credentials are given out on HQ's pages." }}{{ end -}}
{{- if not $v.doors.advertisedHost }}{{ fail "doors.advertisedHost: Kafka clients are told where to go; name the host by which edges reach the doors." }}{{ end -}}
{{- if and (ne $v.doors.service.type "NodePort") (or $v.doors.service.kafkaNodePort $v.doors.service.restNodePort) }}{{ fail "doors.service.kafkaNodePort and restNodePort go with type NodePort." }}{{ end -}}
{{- end -}}
{{- if not $isOn -}}
{{- if or $v.ingress.enabled $v.gateway.enabled $v.ezua.enabled (ne $v.service.type "ClusterIP") -}}
{{- fail "access.mode: with access control off the app listens on loopback only, so it can not be exposed by ingress, gateway, ezua or a service of another type than ClusterIP. Set access.mode to on." -}}
{{- end -}}
{{- if $v.metrics.serviceMonitor.enabled }}{{ fail "metrics.serviceMonitor: with access control off the app listens on loopback only, where Prometheus can not reach it. Set access.mode to on." }}{{ end -}}
{{- end -}}
{{- if and $isOn $v.metrics.serviceMonitor.enabled (not $v.metrics.serviceMonitor.existingSecret) -}}
{{- fail "metrics.serviceMonitor.existingSecret: /metrics needs an API token with scope metrics (Settings, Tokens); put it into a Secret." -}}
{{- end -}}
{{- if $v.access.oidc.issuer -}}
{{- if or (not $v.access.oidc.clientId) (not $v.access.oidc.roles) }}{{ fail "access.oidc: clientId and roles (the role of each group) are needed with issuer." }}{{ end -}}
{{- if not (include "fieldline.publicUrl" .) }}{{ fail "access.publicUrl: sign-in through a provider needs the address to which it sends people back." }}{{ end -}}
{{- end -}}
{{- if and $v.access.trustedProxy.roles (not $v.access.trustedProxy.addresses) (not $v.ezua.enabled) -}}
{{- fail "access.trustedProxy.addresses: say whose headers are believed." -}}
{{- end -}}
{{- if and $v.access.trustedProxy.addresses (not $v.access.trustedProxy.roles) -}}
{{- fail "access.trustedProxy.roles: say which group has which role; who has none does not get in." -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.host) }}{{ fail "ingress.host: a host name is needed; the app answers to the names it knows." }}{{ end -}}
{{- if and $v.gateway.enabled (or (not $v.gateway.hostname) (not $v.gateway.parentRefs)) }}{{ fail "gateway: hostname and parentRefs are needed." }}{{ end -}}
{{- if $v.ezua.enabled -}}
{{- if or $v.ingress.enabled $v.gateway.enabled }}{{ fail "ezua.enabled: the platform's gateway is the way in; switch ingress and gateway off." }}{{ end -}}
{{- if and (not $v.access.trustedProxy.roles) (not $v.access.oidc.issuer) }}{{ fail "ezua.enabled: say which of the platform's groups has which role: access.trustedProxy.roles (or access.oidc)." }}{{ end -}}
{{- if and $v.access.trustedProxy.roles (not $v.access.trustedProxy.addresses) (not $v.networkPolicy.enabled) }}{{ fail "networkPolicy.enabled: without it any pod could forge the proxy's headers; switch it on, or give access.trustedProxy.addresses." }}{{ end -}}
{{- end -}}
{{- if and $v.feeds.definitions (eq $v.role "edge") }}{{ fail "feeds.definitions: feeds are HQ's; an edge gets what HQ announces." }}{{ end -}}
{{- if and $v.feeds.sample (eq $v.role "edge") }}{{ fail "feeds.sample: feeds are HQ's; an edge gets what HQ announces." }}{{ end -}}
{{- end -}}

{{- define "fieldline.requireSasl" -}}
{{- if and .sasl.mechanism (or (not .sasl.username) (not .sasl.existingSecret)) -}}
{{- fail (printf "%s: username and existingSecret (with the password) are needed with mechanism." .name) -}}
{{- end -}}
{{- end -}}
