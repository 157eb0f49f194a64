{{/*
What is mounted of Secrets, as a list of {path, secret, key}: each file's path below /etc/fieldline is also what the configuration names
(_config.tpl). One list, so that nothing is named that is not mounted.
*/}}
{{- define "fieldline.secretFiles" -}}
{{- $v := .Values -}}
{{- $files := list -}}
{{- if and (eq $v.fabric.kind "kafka") (ne $v.role "demo") -}}
{{- $k := $v.fabric.kafka -}}
{{- if $k.sasl.mechanism }}{{ $files = append $files (dict "path" "kafka/password" "secret" $k.sasl.existingSecret "key" $k.sasl.passwordKey) }}{{ end -}}
{{- if and $k.tls.enabled $k.tls.existingSecret }}{{ $files = append $files (dict "path" "kafka/ca.crt" "secret" $k.tls.existingSecret "key" $k.tls.caKey) }}{{ end -}}
{{- $files = append $files (dict "path" "postgres/password" "secret" $k.postgres.existingSecret "key" $k.postgres.passwordKey) -}}
{{- if and $k.postgres.tls.enabled $k.postgres.tls.existingSecret }}{{ $files = append $files (dict "path" "postgres/ca.crt" "secret" $k.postgres.tls.existingSecret "key" $k.postgres.tls.caKey) }}{{ end -}}
{{- $files = append $files (dict "path" "s3/secretAccessKey" "secret" $k.s3.existingSecret "key" $k.s3.secretAccessKeyKey) -}}
{{- if $k.s3.tls.existingSecret }}{{ $files = append $files (dict "path" "s3/ca.crt" "secret" $k.s3.tls.existingSecret "key" $k.s3.tls.caKey) }}{{ end -}}
{{- if and (eq $v.role "edge") $k.connect.username }}{{ $files = append $files (dict "path" "connect/password" "secret" $k.connect.existingSecret "key" $k.connect.passwordKey) }}{{ end -}}
{{- if and (eq $v.role "edge") $k.connect.tls.enabled $k.connect.tls.existingSecret }}{{ $files = append $files (dict "path" "connect/ca.crt" "secret" $k.connect.tls.existingSecret "key" $k.connect.tls.caKey) }}{{ end -}}
{{- end -}}
{{- if and (eq $v.fabric.kind "datafabric") (ne $v.role "demo") -}}
{{- $d := $v.fabric.datafabric -}}
{{- $files = append $files (dict "path" "datafabric/password" "secret" $d.existingSecret "key" $d.passwordKey) -}}
{{- if and $d.tls.enabled $d.tls.existingSecret }}{{ $files = append $files (dict "path" "datafabric/ca.crt" "secret" $d.tls.existingSecret "key" $d.tls.caKey) }}{{ end -}}
{{- end -}}
{{- if and (eq $v.role "edge") (ne $v.fabric.kind "datafabric") -}}
{{- $u := $v.upstream -}}
{{- if $u.enrolment.existingSecret }}{{ $files = append $files (dict "path" "upstream/enrolment" "secret" $u.enrolment.existingSecret "key" $u.enrolment.tokenKey) }}{{ end -}}
{{- if $u.sasl.mechanism }}{{ $files = append $files (dict "path" "upstream/password" "secret" $u.sasl.existingSecret "key" $u.sasl.passwordKey) }}{{ end -}}
{{- if and $u.tls.enabled $u.tls.existingSecret }}{{ $files = append $files (dict "path" "upstream/ca.crt" "secret" $u.tls.existingSecret "key" $u.tls.caKey) }}{{ end -}}
{{- if $u.brokers }}{{ $files = append $files (dict "path" "upstream/secretAccessKey" "secret" $u.s3.existingSecret "key" $u.s3.secretAccessKeyKey) }}{{ end -}}
{{- if and $u.brokers $u.s3.tls.existingSecret }}{{ $files = append $files (dict "path" "upstream/s3-ca.crt" "secret" $u.s3.tls.existingSecret "key" $u.s3.tls.caKey) }}{{ end -}}
{{- end -}}
{{- if and $v.doors.enabled $v.doors.tls.existingSecret -}}
{{- $files = append $files (dict "path" "doors/tls.crt" "secret" $v.doors.tls.existingSecret "key" $v.doors.tls.certKey) -}}
{{- $files = append $files (dict "path" "doors/tls.key" "secret" $v.doors.tls.existingSecret "key" $v.doors.tls.keyKey) -}}
{{- $files = append $files (dict "path" "doors/ca.crt" "secret" $v.doors.tls.existingSecret "key" $v.doors.tls.caKey) -}}
{{- end -}}
{{- if eq $v.access.mode "on" -}}
{{- if $v.access.setup.existingSecret }}{{ $files = append $files (dict "path" "access/setup-token" "secret" $v.access.setup.existingSecret "key" $v.access.setup.tokenKey) }}{{ end -}}
{{- if and $v.access.oidc.issuer $v.access.oidc.existingSecret }}{{ $files = append $files (dict "path" "access/client-secret" "secret" $v.access.oidc.existingSecret "key" $v.access.oidc.clientSecretKey) }}{{ end -}}
{{- if and $v.access.oidc.issuer $v.access.oidc.tls.existingSecret }}{{ $files = append $files (dict "path" "access/ca.crt" "secret" $v.access.oidc.tls.existingSecret "key" $v.access.oidc.tls.caKey) }}{{ end -}}
{{- end -}}
{{- if $v.secretsKey.existingSecret }}{{ $files = append $files (dict "path" "secrets-key" "secret" $v.secretsKey.existingSecret "key" $v.secretsKey.key) }}{{ end -}}
{{- if and $v.telemetry.otlpEndpoint $v.telemetry.existingSecret }}{{ $files = append $files (dict "path" "telemetry/headers" "secret" $v.telemetry.existingSecret "key" $v.telemetry.headersKey) }}{{ end -}}
{{- toYaml $files -}}
{{- end -}}
