{{- define "fieldline.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "fieldline.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "fieldline.labels" -}}
{{ include "fieldline.selectorLabels" . }}
app.kubernetes.io/component: {{ .Values.role }}
app.kubernetes.io/part-of: {{ .Values.mission }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* Monitoring and billing of the platform count what carries these. */}}
{{- define "hpe-ezua.labels" -}}
{{- if .Values.ezua.enabled }}
hpe-ezua/type: vendor-service
hpe-ezua/app: {{ .Release.Name }}
{{- end }}
{{- end -}}

{{- define "fieldline.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "fieldline.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "fieldline.image" -}}
{{- $repository := .Values.image.repository -}}
{{- with .Values.airgap.registry.url -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Where people find it; empty when nothing says so. */}}
{{- define "fieldline.publicUrl" -}}
{{- if .Values.access.publicUrl -}}
{{- .Values.access.publicUrl -}}
{{- else if .Values.ezua.enabled -}}
{{- printf "https://%s" .Values.ezua.virtualService.endpoint -}}
{{- else if and .Values.ingress.enabled .Values.ingress.host -}}
{{- printf "%s://%s" (ternary "https" "http" (ne .Values.ingress.tlsSecret "")) .Values.ingress.host -}}
{{- else if and .Values.gateway.enabled .Values.gateway.hostname -}}
{{- printf "https://%s" .Values.gateway.hostname -}}
{{- end -}}
{{- end -}}
