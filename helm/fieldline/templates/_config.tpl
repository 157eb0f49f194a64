{{/* The configuration file (docs/configuration.md), made of the values. Secrets are named by the files of _secrets.tpl. */}}
{{- define "fieldline.config" -}}
{{- $v := .Values -}}
{{- $on := eq $v.access.mode "on" -}}
{{- $config := dict
  "mission" $v.mission
  "demo" (or (eq $v.role "demo") (and (eq $v.role "hq") $v.feeds.sample))
  "app" (dict "host" (ternary "0.0.0.0" "127.0.0.1" $on) "port" 3000)
  "access" (fromJson (include "fieldline.config.access" .))
  "dataDir" "/data"
  "feeds" (fromJsonArray (include "fieldline.config.feeds" .))
  "sites" (fromJsonArray (include "fieldline.config.sites" .))
  "logs" "output"
  "logLevel" $v.logLevel
-}}
{{- with $v.limits }}{{ $_ := set $config "limits" . }}{{ end -}}
{{- with $v.allowPrivateHosts }}{{ $_ := set $config "allowPrivateHosts" . }}{{ end -}}
{{- if $v.secretsKey.existingSecret }}{{ $_ := set $config "secretsKeyFile" "secrets/secrets-key" }}{{ end -}}
{{- with $v.telemetry.otlpEndpoint -}}
{{- $telemetry := dict "otlpEndpoint" . "sampleRatio" $v.telemetry.sampleRatio -}}
{{- if $v.telemetry.existingSecret }}{{ $_ := set $telemetry "otlpHeadersFile" "secrets/telemetry/headers" }}{{ end -}}
{{- $_ := set $config "telemetry" $telemetry -}}
{{- end -}}
{{- toPrettyJson $config -}}
{{- end -}}

{{- define "fieldline.config.access" -}}
{{- $a := .Values.access -}}
{{- $access := dict "mode" $a.mode -}}
{{- if eq $a.mode "on" -}}
{{- with include "fieldline.publicUrl" . }}{{ $_ := set $access "publicUrl" . }}{{ end -}}
{{- if $a.setup.existingSecret }}{{ $_ := set $access "setupTokenFile" "secrets/access/setup-token" }}{{ end -}}
{{- if $a.oidc.issuer -}}
{{- $oidc := pick $a.oidc "issuer" "clientId" "scopes" "rolesClaim" "roles" "label" -}}
{{- if $a.oidc.existingSecret }}{{ $_ := set $oidc "clientSecretFile" "secrets/access/client-secret" }}{{ end -}}
{{- if $a.oidc.tls.existingSecret }}{{ $_ := set $oidc "caFile" "secrets/access/ca.crt" }}{{ end -}}
{{- $_ := set $access "oidc" $oidc -}}
{{- end -}}
{{- if $a.trustedProxy.roles -}}
{{- $proxy := pick $a.trustedProxy "userHeader" "groupsHeader" "roles" -}}
{{- /* A gateway's address is one of the pod network; with a sidecar, what comes in has Istio's own. */ -}}
{{- $private := list "10.0.0.0/8" "172.16.0.0/12" "192.168.0.0/16" "100.64.0.0/10" "127.0.0.6/32" -}}
{{- $_ := set $proxy "addresses" (default (ternary $private (list) .Values.ezua.enabled) $a.trustedProxy.addresses) -}}
{{- $_ := set $access "trustedProxy" $proxy -}}
{{- end -}}
{{- end -}}
{{- toJson $access -}}
{{- end -}}

{{/* Files of feeds; the sample's is in the image. A field team has none. */}}
{{- define "fieldline.config.feeds" -}}
{{- $feeds := list -}}
{{- if or .Values.feeds.sample (eq .Values.role "demo") }}{{ $feeds = append $feeds "/app/feeds/sample.json" }}{{ end -}}
{{- if .Values.feeds.definitions }}{{ $feeds = append $feeds "feeds" }}{{ end -}}
{{- toJson $feeds -}}
{{- end -}}

{{- define "fieldline.config.sites" -}}
{{- $v := .Values -}}
{{- if eq $v.role "demo" -}}
{{- toJson (list
  (dict "id" "hq" "role" "hq" "fabric" (dict "kind" "embedded" "kafkaPort" 19092 "restPort" 18443))
  (dict "id" "alpha" "role" "edge" "fabric" (dict "kind" "embedded" "kafkaPort" 19102 "restPort" 18453))) -}}
{{- else -}}
{{- $site := dict "id" (include "fieldline.siteId" .) "role" $v.role -}}
{{- $_ := set $site "fabric" (fromJson (include (printf "fieldline.config.fabric.%s" $v.fabric.kind) .)) -}}
{{- /* What an enrolment gave lies in the data directory, and is taken where the configuration says nothing. */ -}}
{{- if and (eq $v.role "edge") (ne $v.fabric.kind "datafabric") (not $v.upstream.enrolment.existingSecret) -}}
{{- $upstream := fromJson (include "fieldline.config.upstream" .) -}}
{{- $_ := set $site "upstream" (ternary $upstream.address $upstream (eq (join "," (keys $upstream)) "address")) -}}
{{- end -}}
{{- toJson (list $site) -}}
{{- end -}}
{{- end -}}

{{- define "fieldline.config.fabric.embedded" -}}
{{- $d := .Values.doors -}}
{{- $fabric := dict "kind" "embedded" "kafkaPort" $d.kafkaPort "restPort" $d.restPort -}}
{{- if $d.enabled -}}
{{- $_ := set $fabric "host" "0.0.0.0" -}}
{{- $_ := set $fabric "advertisedHost" $d.advertisedHost -}}
{{- if $d.tls.existingSecret -}}
{{- $_ := set $fabric "tls" (dict "certFile" "secrets/doors/tls.crt" "keyFile" "secrets/doors/tls.key" "caFile" "secrets/doors/ca.crt") -}}
{{- end -}}
{{- $_ := set $fabric "access" "credentials" -}}
{{- end -}}
{{- toJson $fabric -}}
{{- end -}}

{{- define "fieldline.config.fabric.kafka" -}}
{{- $k := .Values.fabric.kafka -}}
{{- $p := $k.postgres -}}
{{- $postgres := pick $p "host" "port" "database" "user" -}}
{{- $_ := set $postgres "passwordFile" "secrets/postgres/password" -}}
{{- with include "fieldline.config.tls" (dict "tls" $p.tls "file" "secrets/postgres/ca.crt") }}{{ $_ := set $postgres "tls" (fromJson .) }}{{ end -}}
{{- $fabric := dict "kind" "kafka" "brokers" $k.brokers "postgres" $postgres -}}
{{- $_ := set $fabric "s3" (fromJson (include "fieldline.config.s3" (dict "s3" $k.s3 "folder" "secrets/s3" "ca" "ca.crt"))) -}}
{{- with include "fieldline.config.sasl" (dict "sasl" $k.sasl "file" "secrets/kafka/password") }}{{ $_ := set $fabric "sasl" (fromJson .) }}{{ end -}}
{{- with include "fieldline.config.tls" (dict "tls" $k.tls "file" "secrets/kafka/ca.crt") }}{{ $_ := set $fabric "tls" (fromJson .) }}{{ end -}}
{{- with $k.replicationFactor }}{{ $_ := set $fabric "replicationFactor" (int .) }}{{ end -}}
{{- if eq .Values.role "edge" -}}
{{- $connect := dict "url" $k.connect.url -}}
{{- with $k.connect.username }}{{ $_ := set $connect "username" . }}{{ $_ := set $connect "passwordFile" "secrets/connect/password" }}{{ end -}}
{{- with include "fieldline.config.tls" (dict "tls" $k.connect.tls "file" "secrets/connect/ca.crt") }}{{ $_ := set $connect "tls" (fromJson .) }}{{ end -}}
{{- $_ := set $fabric "connect" $connect -}}
{{- end -}}
{{- toJson $fabric -}}
{{- end -}}

{{- define "fieldline.config.fabric.datafabric" -}}
{{- $d := .Values.fabric.datafabric -}}
{{- $fabric := pick $d "cluster" "host" "adminPort" "tablesPort" "streamsPort" "username" -}}
{{- $_ := set $fabric "kind" "datafabric" -}}
{{- $_ := set $fabric "passwordFile" "secrets/datafabric/password" -}}
{{- $_ := set $fabric "tls" $d.tls.enabled -}}
{{- if and $d.tls.enabled $d.tls.existingSecret }}{{ $_ := set $fabric "caFile" "secrets/datafabric/ca.crt" }}{{ end -}}
{{- if eq .Values.role "edge" }}{{ $_ := set $fabric "upstream" $d.upstream }}{{ end -}}
{{- toJson $fabric -}}
{{- end -}}

{{- define "fieldline.config.upstream" -}}
{{- $u := .Values.upstream -}}
{{- $upstream := dict -}}
{{- if $u.address -}}
{{- $_ := set $upstream "address" $u.address -}}
{{- else -}}
{{- if eq .Values.fabric.kind "kafka" }}{{ $_ := set $upstream "brokers" $u.brokers }}{{ else }}{{ $_ := set $upstream "kafka" (first $u.brokers) }}{{ end -}}
{{- $_ := set $upstream "s3" (fromJson (include "fieldline.config.s3" (dict "s3" $u.s3 "folder" "secrets/upstream" "ca" "s3-ca.crt"))) -}}
{{- end -}}
{{- with include "fieldline.config.sasl" (dict "sasl" $u.sasl "file" "secrets/upstream/password") }}{{ $_ := set $upstream "sasl" (fromJson .) }}{{ end -}}
{{- with include "fieldline.config.tls" (dict "tls" $u.tls "file" "secrets/upstream/ca.crt") -}}
{{- $tls := fromJson . -}}
{{- with $u.tls.serverName }}{{ $_ := set $tls "serverName" . }}{{ end -}}
{{- $_ := set $upstream "tls" $tls -}}
{{- end -}}
{{- toJson $upstream -}}
{{- end -}}

{{- define "fieldline.config.s3" -}}
{{- $s3 := pick .s3 "endpoint" "region" "bucket" "pathStyle" "accessKeyId" -}}
{{- $_ := set $s3 "secretAccessKeyFile" (printf "%s/secretAccessKey" .folder) -}}
{{- if .s3.tls.existingSecret }}{{ $_ := set $s3 "caFile" (printf "%s/%s" .folder .ca) }}{{ end -}}
{{- toJson $s3 -}}
{{- end -}}

{{/* Empty without a mechanism. */}}
{{- define "fieldline.config.sasl" -}}
{{- if .sasl.mechanism -}}
{{- toJson (dict "mechanism" .sasl.mechanism "username" .sasl.username "passwordFile" .file) -}}
{{- end -}}
{{- end -}}

{{/* Empty without TLS; `{}` is TLS with the public authorities. */}}
{{- define "fieldline.config.tls" -}}
{{- if .tls.enabled -}}
{{- ternary (toJson (dict "caFile" .file)) "{}" (ne .tls.existingSecret "") -}}
{{- end -}}
{{- end -}}
