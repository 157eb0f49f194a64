{{/* With access control off the app listens on loopback, which only a process inside reaches. */}}
{{- define "fieldline.probe" -}}
{{- if .on -}}
httpGet:
  path: {{ .path }}
  port: http
{{- else -}}
exec:
  command:
    - /usr/local/bin/node
    - -e
    - "fetch('http://127.0.0.1:3000{{ .path }}').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"
{{- end -}}
{{- end -}}
