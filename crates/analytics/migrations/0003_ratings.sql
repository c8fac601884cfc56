-- What customers answered to a survey, 1 to 5; 0: the step is none, or was not answered.
ALTER TABLE analytics.flow_step ADD COLUMN rating smallint NOT NULL DEFAULT 0;
CREATE INDEX flow_step_rated ON analytics.flow_step (tenant_id, at) WHERE rating > 0;
