{{/* Name of the release's objects: the release itself when it is called like the chart. */}}
{{- define "switchboard.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name }}{{ end }}
{{- end }}

{{/* Labels that select the pods of one service. Takes a dict of root and name. */}}
{{- define "switchboard.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: switchboard
{{- end }}

{{- define "switchboard.labels" -}}
{{ include "switchboard.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* The settings of one service over the defaults, as YAML. Takes a dict of root and name. */}}
{{- define "switchboard.service" -}}
{{- $own := index .root.Values.services .name | default dict }}
{{- $service := mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy $own) }}
{{- if and .root.Values.edge.enabled (eq .name "ingress-voice") }}
{{- /* The edge has the port that callers know. */}}
{{- $port := int .root.Values.edge.instancePort }}
{{- $_ := set $service "env" (mergeOverwrite $service.env (dict "INGRESS_VOICE__SIP_PORT" (toString $port))) }}
{{- $_ := set $service "ports" (list (dict "name" "sip-udp" "port" $port "protocol" "UDP") (dict "name" "sip-tcp" "port" $port "protocol" "TCP")) }}
{{- end }}
{{- if and .root.Values.turn.enabled (eq .name "ingress-voice") }}
{{- $turn := printf "turn:%s:%v" (required "turn.host: the name at which browsers reach the relay" .root.Values.turn.host) .root.Values.turn.port }}
{{- $_ := set $service "env" (mergeOverwrite (dict "INGRESS_VOICE__ICE_URLS" (printf "%s %s?transport=tcp" $turn $turn) "INGRESS_VOICE__TURN_SECRET_FILE" "/run/secrets/switchboard/turn-secret") $service.env) }}
{{- end }}
{{- toYaml $service }}
{{- end }}

{{/* Name of a service's objects. */}}
{{- define "switchboard.name" -}}
{{ printf "%s-%s" (include "switchboard.fullname" .root) .name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What a service's environment begins with: INGRESS_VOICE */}}
{{- define "switchboard.prefix" -}}
{{ .name | replace "-" "_" | upper }}
{{- end }}
