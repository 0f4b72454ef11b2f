"""Configurations to load, as people would write them; every address in them is invented."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from watcher.config.load import load
from watcher.config.model import Config

READERS = ("ema_medicine_page", "ema_medicines", "generic", "medpath_approval")

SMALLEST = """
contact: "mailto:pv@hospital.eu"
sources:
  - id: ema
    reader: ema_medicine_page
    url: https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel
    every: 12h
    tier: 1
"""

FULL = """
contact: "https://hospital.eu/bot"
storage: {database: "sqlite:////srv/watcher/log.db", snapshots: "${WATCHER_DATA}/snapshots"}
hosts:
  WWW.EMA.europa.eu: {pace: 15s}
  127.0.0.1: {pace: 0s}
sources:
  - id: table
    title: "EMA, all medicines"
    reader: ema_medicines
    url: https://www.ema.europa.eu/a.json
    cron: "15 6,18 * * mon-fri"
    zone: Europe/Amsterdam
    jitter: 5m
    tier: 1
    expect: {records: [2000, 4000]}
    absent_after: 2
    max_size: 20MB
    timeout: 2m
  - id: local
    reader: ema_medicine_page
    urls: ["http://127.0.0.1:8080/a", "http://localhost:8080/b"]
    every: 30s
    jitter: 5s
    tier: 3
    allow_private: true
  - id: own
    reader: generic
    url: https://agency.eu/medicines/testol
    every: 1d
    tier: 2
    absent_after: never
    options:
      subject: medicine_page
      facts:
        - {path: "authorisation[NL].status", label: Status, kind: status, required: true}
        - {path: page.last_updated, css: time, attribute: datetime, kind: date, order: day_first}
        - {path: product.inn, label: Substances, kind: list, separator: "/", language: fr}
      lists:
        - path: item
          css: "ul.news > li"
          key: url
          fields: {title: {css: a}, url: {css: a, attribute: href, kind: url}}
          least: 1
        - {path: pack, below: Packs, key: code, most: 50}
watch_lists:
  - id: crohn
    title: "Crohn / ATMP"
    products: [Alofisel, EMEA/H/C/004258]
    substances: [darvadstrocel, CX-601]
    atc: [l04, L04AX08, QI09]
    holders: ["Takeda Pharma A/S"]
    areas: [Crohn Disease]
    jurisdictions: [EU, JP]
channels:
  - {id: files, url: "folder:messages"}
  - {id: elsewhere, title: "An absolute folder", url: "folder:///srv/messages"}
  - id: pv-team
    url: "mailtos://watcher:${WATCHER_MAIL_PASSWORD}@mail.hospital.eu/?to=pv@hospital.eu"
rules:
  - id: mine
    watch_list: crohn
    events: [authorisation.*, document.added]
    least: normal
    jurisdictions: [EU]
    sources: [table]
    tiers: [1, 2]
    channels: [files, elsewhere]
  - {id: operator, events: [source.*], channels: [pv-team]}
"""
ENVIRONMENT = {"WATCHER_DATA": "/srv/data", "WATCHER_MAIL_PASSWORD": "p@ss/w:1"}


def loaded(text: str, folder: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Return the configuration that `text` in a file of `folder` is."""
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, ENVIRONMENT if environment is None else environment, READERS)


def with_channel(url: str) -> str:
    """Return the smallest configuration with a channel of this address."""
    return f"{SMALLEST}channels: [{{id: one, url: {url!r}}}]\nrules: [{{id: r, channels: [one]}}]\n"
