"""A project whose jobs go different ways into pipelines."""

from __future__ import annotations

from pathlib import Path

#: A project whose every job decides for itself in which pipelines it is.
RULES = """
stages: [test, deploy]
check:
  stage: test
  script: [echo checked]
  rules: [{if: $CHATOPS_JOB, when: never}, {when: on_success}]
to-staging:
  stage: deploy
  environment: staging
  script: [echo deployed]
  rules: [{if: $CHATOPS_JOB, when: never}, {if: $CI_COMMIT_TAG, when: never}, {when: manual}]
to-qa:
  stage: deploy
  environment: qa
  script: [echo deployed]
  rules: [{if: $CI_PIPELINE_SOURCE == "push"}]
to-live:
  stage: deploy
  environment: live
  script: [echo deployed]
  rules: [{if: $CHATOPS_JOB == "to-live"}, {if: $CI_COMMIT_TAG, when: manual}]
also-live:
  stage: deploy
  environment: edge
  script: [echo deployed]
  rules: [{if: $CHATOPS_JOB, when: never}, {if: $CI_COMMIT_TAG}]
anywhere:
  stage: deploy
  environment: $TARGET
  when: manual
  script: [echo deployed]
"""


def ruled(path: Path) -> Path:
    """A folder with the project of those rules."""
    folder = path / "projects" / "acme" / "ruled"
    folder.mkdir(parents=True)
    (folder / ".gitlab-ci.yml").write_text(RULES)
    return path / "projects"
