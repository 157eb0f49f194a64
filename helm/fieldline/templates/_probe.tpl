{{/*
A probe of "ready" or "live". Readiness takes an identity, which a program of the image has beside the app; liveness takes none. With access control
off the app listens on loopback, which only a process inside reaches.
*/}}
{{- define "fieldline.probe" -}}
{{- if and .on (eq .what "live") -}}
httpGet:
  path: /api/health/live
  port: http
{{- else -}}
exec:
  command:
    - /usr/local/bin/node
    - /app/main.mjs
    - probe
    - {{ .site }}
    - {{ .what }}
{{- end -}}
{{- end -}}

{{/* The site that a pod hosts; the first one of a demonstration. */}}
{{- define "fieldline.siteId" -}}
{{- ternary .Values.site.id "hq" (eq .Values.role "edge") -}}
{{- end -}}
