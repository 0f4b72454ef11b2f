"""Compositions, manifests and alerts for many machines: valid, confined, and all of one mind."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import compose_spec
import kubernetes_validate
import pytest
import yaml

from kit.deployed import DEPLOY, ROOT, composed, manifests, pods
from watcher.config.load import load
from watcher.readers.registry import READERS

COMPOSITION = composed("compose.cluster.yaml")
OURS = {n: told for n, told in COMPOSITION["services"].items() if told["image"] == "watcher"}
KUBERNETES = ("1.30", "1.32", "1.34", "1.37")
ENVIRONMENT = {"DB_PASSWORD": "a", "DB_HOST": "b", "MAIL_PASSWORD": "c", "MAIL_USER": "d"}
KUSTOMIZE = "kustomize.config.k8s.io/v1beta1"


def objects(kind=""):
    return [
        each
        for _, each in manifests()
        if "kind" in each and each["apiVersion"] != KUSTOMIZE and kind in {"", each["kind"]}
    ]


@pytest.mark.parametrize("name", ["compose.yaml", "compose.cluster.yaml"])
def test_a_composition_is_one_by_the_specification(name):
    compose_spec.PyCompose.from_yaml(yaml.safe_dump(composed(name)))


def test_a_composition_that_is_none_would_be_found():
    wrong = composed("compose.cluster.yaml")
    wrong["services"]["worker"]["imag"] = "watcher"

    with pytest.raises(ValueError, match="imag"):
        compose_spec.PyCompose.from_yaml(yaml.safe_dump(wrong))


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_containers_is_confined_and_asked_how_it_is(name):
    told = OURS[name]

    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert told["user"] == "10001:10001"
    assert told["restart"] == "always"
    assert told["mem_limit"] == told["memswap_limit"]
    assert all("noexec" in each for each in told["tmpfs"])
    assert told["healthcheck"]["test"][-2:] == ["--role", name]
    assert not {"privileged", "network_mode", "cap_add", "devices"} & set(told)


def test_there_are_all_roles_and_nothing_is_open_to_other_machines():
    services = COMPOSITION["services"]

    assert set(services) == {
        "scheduler",
        "worker",
        "web",
        "database",
        "object-store",
        "bucket",
        "prometheus",
        "grafana",
    }
    assert services["worker"]["deploy"]["replicas"] == 2
    for told in services.values():
        assert all(each.startswith("127.0.0.1:") for each in told.get("ports", ()))
    assert {n for n, told in services.items() if told.get("profiles")} == {"prometheus", "grafana"}
    assert COMPOSITION["networks"]["inward"]["internal"] is True
    assert all(":latest" not in told["image"] for told in services.values())


def test_what_a_service_is_given_is_declared():
    for name, told in COMPOSITION["services"].items():
        given = [
            each if isinstance(each, str) else each["source"] for each in told.get("secrets", ())
        ]
        assert set(given) <= set(COMPOSITION["secrets"]), name
        assert set(told["networks"]) <= set(COMPOSITION["networks"]), name
        assert set(told.get("depends_on", ())) <= set(COMPOSITION["services"]), name
        for each in told.get("volumes", ()):
            source = each.partition(":")[0] if isinstance(each, str) else each["source"]
            is_there = (
                (DEPLOY / source).exists() if source[0] == "." else source in COMPOSITION["volumes"]
            )
            assert is_there, (name, source)


def test_the_configuration_of_many_machines_can_be_used():
    config = load(DEPLOY / "sources.cluster.yaml", ENVIRONMENT, READERS)

    assert config.storage.snapshots == "s3://watcher-payloads/production"
    assert str(config.storage.cache) == "/var/cache/watcher"
    assert config.web is not None
    assert config.web.address == "0.0.0.0"  # noqa: S104  a container's own network
    assert [notice.message for notice in config.notices] == []


def test_kubernetes_is_told_the_same_configuration():
    [settings] = objects("ConfigMap")

    assert settings["data"]["sources.yaml"] == (DEPLOY / "sources.cluster.yaml").read_text("utf-8")


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_manifest_is_one_by_the_schemas_of_kubernetes(version):
    for each in objects():
        kubernetes_validate.validate(each, version, strict=True)


def test_a_manifest_with_a_key_misspelt_would_be_found():
    [wrong] = [each for each in objects("Deployment") if each["metadata"]["name"] == "watcher-web"]
    wrong["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"

    with pytest.raises(kubernetes_validate.ValidationError, match="imagePullPolice"):
        kubernetes_validate.validate(wrong, KUBERNETES[-1], strict=True)


@pytest.mark.parametrize("pod", [pod for _, pod in pods()], ids=[name for name, _ in pods()])
def test_every_pod_is_confined_as_the_restricted_standard_wants_and_more(pod):
    [container] = pod["containers"]

    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    mounted = {each["name"] for each in container["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}
    assert int(pod["terminationGracePeriodSeconds"]) > 25


@pytest.mark.parametrize("role", ["scheduler", "worker", "web"])
def test_every_role_is_probed_spread_and_kept_from_being_drained_at_once(role):
    [deployed] = [each for each in objects("Deployment") if each["metadata"]["name"].endswith(role)]
    labels = deployed["spec"]["selector"]["matchLabels"]
    pod = deployed["spec"]["template"]["spec"]
    [container] = pod["containers"]
    ports = {each["name"] for each in container["ports"]}

    assert deployed["spec"]["template"]["metadata"]["labels"] == labels
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "health"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "health"}
    assert "health" in ports
    assert {each["topologyKey"] for each in pod["topologySpreadConstraints"]} == {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    }
    [budget] = [
        each
        for each in objects("PodDisruptionBudget")
        if each["spec"]["selector"]["matchLabels"] == labels
    ]
    assert {"minAvailable", "maxUnavailable"} & set(budget["spec"])
    # either somebody says how many, or the autoscaler does: both would fight
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in objects("HorizontalPodAutoscaler")}
    assert ("replicas" in deployed["spec"]) != (deployed["metadata"]["name"] in scaled)


def test_every_name_that_a_manifest_uses_is_one_that_is_there():
    secrets = {each["metadata"]["name"]: each for each in objects("Secret")}
    settings = {each["metadata"]["name"] for each in objects("ConfigMap")}
    accounts = {each["metadata"]["name"] for each in objects("ServiceAccount")}
    for name, pod in pods():
        assert pod["serviceAccountName"] in accounts
        for volume in pod["volumes"]:
            if "secret" in volume:
                keys = secrets[volume["secret"]["secretName"]]["stringData"]
            if "configMap" in volume:
                assert volume["configMap"]["name"] in settings
        [container] = pod["containers"]
        files = [e["value"] for e in container["env"] if e["name"].endswith("_FILE")]
        assert {Path(file).name for file in files} == set(keys), name
    known = {
        each["metadata"]["labels"].get("app.kubernetes.io/component")
        for each in objects("Deployment")
    }
    [service] = objects("Service")
    assert service["spec"]["selector"]["app.kubernetes.io/component"] in known


def test_nobody_is_let_in_but_to_the_pages():
    policies = {each["metadata"]["name"]: each["spec"] for each in objects("NetworkPolicy")}

    assert policies["watcher"]["podSelector"] == {}
    assert "Ingress" in policies["watcher"]["policyTypes"]
    assert "ingress" not in policies["watcher"]
    [let_in] = policies["watcher-web"]["ingress"]
    assert let_in["ports"] == [{"protocol": "TCP", "port": 8080}]


def test_the_list_of_the_whole_names_every_manifest_but_the_secrets():
    for folder, left_out in (("base", {"secrets.example.yaml"}), ("lateness", {"adapter.yaml"})):
        place = DEPLOY / "kubernetes" / folder
        whole = yaml.safe_load((place / "kustomization.yaml").read_text("utf-8"))
        named = {*whole["resources"], *(each["path"] for each in whole.get("patches", ()))}
        there = {path.name for path in place.glob("*.yaml")} - {"kustomization.yaml"}
        assert named - {"../base"} == there - left_out


@pytest.mark.parametrize("folder", ["base", "lateness"])
def test_kustomize_puts_it_together_and_the_whole_is_valid(folder):
    tool = shutil.which("kubectl") or shutil.which("kustomize")
    if tool is None:
        pytest.skip("neither kubectl nor kustomize is installed")
    words = ["kustomize"] if tool.endswith("kubectl") else ["build"]
    done = subprocess.run(
        [tool, *words, DEPLOY / "kubernetes" / folder], capture_output=True, text=True, check=True
    )
    whole = [*yaml.safe_load_all(done.stdout)]

    assert {each["kind"] for each in whole} >= {"Deployment", "Job", "CronJob", "NetworkPolicy"}
    assert "Secret" not in {each["kind"] for each in whole}
    for each in whole:
        kubernetes_validate.validate(each, KUBERNETES[-1], strict=True)
    [scaler] = [each for each in whole if each["kind"] == "HorizontalPodAutoscaler"]
    kinds = {each["type"] for each in scaler["spec"]["metrics"]}
    assert kinds == ({"Resource"} if folder == "base" else {"Resource", "External"})
    assert "registry.your-organisation.eu/watcher:1" in done.stdout


def alerts():
    told = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))
    return [rule for group in told["groups"] for rule in group["rules"]]


def test_every_alert_has_numbers_at_which_it_sounds_and_others_at_which_it_is_quiet():
    told = yaml.safe_load((DEPLOY / "prometheus" / "alerts.test.yaml").read_text("utf-8"))
    tried = [
        (case["alertname"], bool(case["exp_alerts"]))
        for each in told["tests"]
        for case in each["alert_rule_test"]
    ]

    wanted = {(rule["alert"], sounds) for rule in alerts() for sounds in (True, False)}
    assert set(tried) == wanted


def test_every_metric_of_an_alert_is_one_that_we_tell():
    told = set(re.findall(r"`(watcher_\w+)`", (ROOT / "docs" / "metrics.md").read_text("utf-8")))

    for rule in alerts():
        assert set(re.findall(r"watcher_\w+", rule["expr"])) <= told, rule["alert"]


def promtool(*words):
    tool = ROOT / ".venv-servers" / "prometheus" / "usr" / "bin" / "promtool"
    found = str(tool) if tool.exists() else shutil.which("promtool")
    if found is None:
        pytest.skip(
            "promtool is not installed: tests/system_deps.sh brings it (Debian: prometheus)"
        )
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_the_rules_and_the_settings():
    assert f"{len(alerts())} rules found" in promtool(
        "check", "rules", DEPLOY / "prometheus" / "alerts.yaml"
    )
    promtool("check", "config", "--syntax-only", DEPLOY / "prometheus" / "prometheus.yaml")


def test_prometheus_sounds_each_alert_when_it_should_and_not_before():
    assert "SUCCESS" in promtool("test", "rules", DEPLOY / "prometheus" / "alerts.test.yaml")
